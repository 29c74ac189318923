/// The schema of a policy's status.
enum PolicyStatusSchema {
    /// The node `status` of both kinds of policies.
    static let status = SchemaNode.status(
        "What the operator found. Written by the operator alone.",
        [
            .optional(
                "conditions",
                .conditions(
                    """
                    Ready: the policy is valid and applied. Reconciling: present while work goes on. Stalled: \
                    present while \
                    the policy needs a person. TrustStoreExpiring: a certificate expires within 30 days or has expired. \
                    TrustLapsing: a running image stops being trusted within 30 days by the passing of time. \
                    TrustStoreStale: present while certificates count although they could not be read again.
                    """
                )
            ),
            .optional("images", images),
            .optional("trustStores", trustStores),
            .optional("anchors", anchors),
            .optional(
                "expires",
                .time("When the first certificate of the trust stores expires.", example: "2027-01-01T00:00:00Z")
            ),
            .optional(
                "lastHandledVerifyRequest",
                .string(
                    """
                    The last value of the annotation vigil.dev/verify-requested-at for which the policy's images were \
                    queued to be verified anew.
                    """,
                    length: 0...StatusLimits.nameCharacters,
                    example: "2026-11-20T12:00:00Z"
                )
            ),
        ]
    )

    private static let images = SchemaNode.object(
        """
        The running images that the policy speaks for, by verdict; a digest counts once for each namespace it runs \
        in.
        """,
        [
            .required("total", .integer("All of them.")),
            .required("trusted", .integer("Every policy is satisfied.")),
            .required("untrusted", .integer("There is evidence against them.")),
            .required("unsupported", .integer("Somebody entitled to say so no longer supports them.")),
            .required("unknown", .integer("Nobody trusted has vouched, or nobody could be asked.")),
        ]
    )

    private static let trustStores = SchemaNode.list(
        "The trust stores that were read, the first to expire first.",
        of: .object(
            "A trust store that was read.",
            [
                .required(
                    "name",
                    .string(
                        "authority/type:name, unique in the policy.",
                        length: 1...253,
                        example: "wabbit-networks/ca:wabbit-networks"
                    )
                ),
                .required("certificates", .integer("How many certificates it holds.")),
                .required("notAfter", .time("When the first of them expires.")),
            ]
        ),
        count: 0...StatusLimits.trustStores,
        kind: .map(keys: ["name"])
    )

    private static let anchors = SchemaNode.list(
        """
        The certificates that may vouch for signers, or for the times of signatures, the first to expire first, and how many \
        running images each still vouches for.
        """,
        of: .object(
            "A trust anchor.",
            [
                .required(
                    "authority",
                    .string("The authority in the policy.", length: 1...StatusLimits.nameCharacters)
                ),
                .required("sha256", .fingerprint("The SHA-256 of the certificate.")),
                .required(
                    "subject",
                    .string("The certificate's subject.", length: 0...StatusLimits.subjectCharacters)
                ),
                .required("notAfter", .time("When it expires.")),
                .required(
                    "images",
                    .integer("The running images it vouches for; a digest counts once for each namespace it runs in.")
                ),
                .optional(
                    "type",
                    .string(
                        "The type of the trust store that holds it: one of type tsa vouches for times, the others for signers.",
                        length: 0...StatusLimits.nameCharacters
                    )
                ),
            ]
        ),
        count: 0...StatusLimits.anchors,
        kind: .map(keys: ["authority", "sha256"])
    )
}
