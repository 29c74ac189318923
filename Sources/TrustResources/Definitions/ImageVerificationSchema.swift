import TrustModel

/// The schema of an image's verification.
enum ImageVerificationSchema {
    /// The node `spec`.
    static let spec = SchemaNode.object(
        "Which image is asked about, and under which policies.",
        [
            .required(
                "image",
                .string(
                    "The image reference. Pin it to a digest: a tag is resolved again at every judgement.",
                    length: 1...StatusLimits.imageCharacters,
                    example: "registry.example.com/shop/web:v1@sha256:…"
                )
            ),
            .optional(
                "policyRefs",
                .list(
                    """
                    The policies that judge the image, each of which must speak for it: one that does not, or does not \
                    exist, leaves it Unknown. Absent or empty: every policy that speaks for it in this namespace.
                    """,
                    of: .object(
                        "A policy by name.",
                        [
                            .optional(
                                "kind",
                                .choice(
                                    "Where the policy is: TrustPolicy in this namespace, or ClusterTrustPolicy.",
                                    ["TrustPolicy", "ClusterTrustPolicy"],
                                    default: "TrustPolicy"
                                )
                            ),
                            .required("name", .objectName("The policy.", example: "shop")),
                        ]
                    ),
                    count: 0...16,
                    kind: .map(keys: ["kind", "name"])
                )
            ),
        ]
    )

    /// The node `status`.
    static let status = SchemaNode.status(
        "What is held of the image, why, and since when. Written by the operator alone.",
        [
            .optional("verdict", .verdict("What is held of the image under all the policies that speak for it.")),
            .optional("reason", .reason("Why: one constant, used alike by conditions, Events, metrics and logs.")),
            .optional(
                "message",
                .string("Why, for people.", length: 0...StatusLimits.messageCharacters)
            ),
            .optional(
                "repository",
                .string(
                    "The repository, or the reference as written where it cannot be read.",
                    length: 0...StatusLimits.imageCharacters,
                    example: "registry.example.com/shop/web"
                )
            ),
            .optional("digest", .digest("The running digest.")),
            .optional(
                "verifiedDigest",
                .digest(
                    """
                    The digest that carried the deciding evidence: the running one, its index, or a platform \
                    manifest of it.
                    """
                )
            ),
            .optional(
                "verifiedManifest",
                .choice(
                    """
                    Which kind of manifest verifiedDigest is: the Index of an image for several platforms, or the \
                    manifest of one Platform.
                    """,
                    EvidenceCarrier.allCases.map(\.rawValue)
                )
            ),
            .optional(
                "signer",
                .string(
                    "The trusted signer, in short: the common name where there is one. Absent unless the verdict is Trusted.",
                    length: 0...StatusLimits.subjectCharacters,
                    example: "wabbit-networks.io"
                )
            ),
            .optional(
                "findings",
                .list("Each authority's evidence, judged.", of: finding, count: 0...StatusLimits.findings)
            ),
            .optional("workloads", workloads),
            .optional(
                "validUntil",
                .time(
                    """
                    The first moment at which the verdict would lapse by itself: the end of a certificate, signature \
                    or decision.
                    """
                )
            ),
            .optional(
                "lastJudged",
                .time(
                    "When the verdict was last confirmed by asking. Coarse: renewed at most every half maxStaleness."
                )
            ),
            .optional(
                "lastHandledVerifyRequest",
                .string(
                    """
                    The last value of the annotation vigil.dev/verify-requested-at for which the image was verified anew.
                    """,
                    length: 0...StatusLimits.nameCharacters,
                    example: "2026-11-20T12:00:00Z"
                )
            ),
            .optional(
                "history",
                .list("The latest changes of the verdict, newest first.", of: change, count: 0...StatusLimits.history)
            ),
            .optional(
                "conditions",
                .conditions(
                    """
                    Verified: the image is trusted. Fresh: the verdict was confirmed by the latest attempt. Ready: as \
                    Verified, for kstatus, Argo CD and Flux. Stalled: present while the image needs a person. TagMoved: \
                    present while a tag by which pods run the image leads to another one.
                    """
                )
            ),
        ]
    )

    private static let finding = SchemaNode.object(
        "One authority's evidence, judged.",
        [
            .required(
                "policy",
                .string(
                    "The policy, as Kind/namespace/name.",
                    length: 1...StatusLimits.policyCharacters,
                    example: "TrustPolicy/shop/shop"
                )
            ),
            .required(
                "authority",
                .string("The authority in that policy.", length: 1...StatusLimits.nameCharacters)
            ),
            .required("verdict", .verdict("What this evidence alone says.")),
            .required("reason", .reason("Why: a constant.")),
            .optional("message", .string("Why, for people.", length: 0...StatusLimits.messageCharacters)),
            .optional("signer", .string("The signer's subject.", length: 0...StatusLimits.subjectCharacters)),
            .optional(
                "algorithm",
                .string("The signature algorithm.", length: 0...StatusLimits.nameCharacters, example: "PS256")
            ),
            .optional("evidence", .digest("The digest of the evidence, such as the signature's manifest.")),
            .optional("signedAt", .time("When the evidence claims to have been made.")),
            .optional("expiresAt", .time("When the evidence says it expires.")),
            .optional(
                "warnings",
                .list(
                    "Failed checks that the policy only logs.",
                    of: .string("A failed check.", length: 0...StatusLimits.messageCharacters),
                    count: 0...StatusLimits.warnings
                )
            ),
            .optional(
                "anchor",
                .fingerprint("The trust anchor that vouches for the signer: the SHA-256 of the certificate.")
            ),
            .optional(
                "timestampAnchor",
                .fingerprint(
                    "The root of the time-stamping authority whose timestamp this rests on: the SHA-256 of the certificate."
                )
            ),
        ]
    )

    private static let workloads = SchemaNode.object(
        "Who runs the image in this namespace.",
        [
            .required("pods", .integer("How many pods run it.")),
            .optional(
                "sample",
                .list(
                    "The names of some of them, in order.",
                    of: .string("A pod.", length: 1...StatusLimits.nameCharacters, example: "web-0"),
                    count: 0...StatusLimits.samples
                )
            ),
            .optional(
                "tags",
                .list(
                    "The tags by which they ask for it, in order.",
                    of: .string("A tag.", length: 1...128, example: "v1"),
                    count: 0...StatusLimits.samples
                )
            ),
        ]
    )

    private static let change = SchemaNode.object(
        "One change of the verdict.",
        [
            .required("time", .time("When it changed.")),
            .optional("from", .verdict("What was held before; absent the first time.")),
            .required("to", .verdict("What is held since.")),
            .required("reason", .reason("Why: a constant.")),
        ]
    )
}
