import TrustModel

/// The schema of Notary Project trust in a policy (trust-store-trust-policy.md).
enum NotarySchema {
    /// The node `notary` of an authority.
    static func notary(isCluster: Bool) -> SchemaNode {
        .object(
            "Trust in Notary Project signatures that are stored beside the image in its registry.",
            [
                .optional(
                    "level",
                    .choice(
                        """
                        How strictly signatures are verified: strict enforces every check; permissive enforces \
                        integrity \
                        and authenticity and logs the others; audit enforces integrity alone; skip verifies nothing \
                        and \
                        reports the image as skipped, never as verified.
                        """,
                        VerificationLevel.allCases.map(\.rawValue),
                        default: "strict"
                    )
                ),
                .optional("overrides", overrides),
                .optional(
                    "verifyTimestamp",
                    .choice(
                        """
                        When RFC 3161 timestamps are verified, provided that a trust store of type tsa is named: \
                        always, \
                        or only once a certificate of the chain has expired.
                        """,
                        TimestampVerification.allCases.map(\.rawValue),
                        default: "always"
                    )
                ),
                .optional("trustedIdentities", identities),
                .optional("trustStores", trustStores(isCluster: isCluster)),
                .optional(
                    "requiredAnnotations",
                    .texts(
                        "Annotations that a signature must carry, signed, with exactly these values.",
                        maximumCount: 32,
                        length: 0...256,
                        example: "stage: production"
                    )
                ),
            ],
            rules: [
                SchemaRule(
                    expression: """
                        !has(self.level) || self.level != 'skip' || (!has(self.trustStores) && \
                        !has(self.trustedIdentities) \
                        && !has(self.overrides) && !has(self.requiredAnnotations))
                        """,
                    message: """
                        level skip verifies nothing: remove trustStores, trustedIdentities, overrides and \
                        requiredAnnotations, or choose another level
                        """
                ),
                SchemaRule(
                    expression: """
                        (has(self.level) && self.level == 'skip') || (has(self.trustStores) && \
                        has(self.trustedIdentities))
                        """,
                    message: "trustStores and trustedIdentities are required unless level is skip"
                ),
            ]
        )
    }

    private static let overrides: SchemaNode = {
        func check(_ text: String, _ actions: [String]) -> SchemaNode { .choice(text, actions) }
        return .object(
            "Actions that replace the level's for single checks. Integrity is always enforced.",
            [
                .optional(
                    "authenticity",
                    check("The chain leads to a trust store and the signer is a trusted identity.", ["enforce", "log"])
                ),
                .optional(
                    "authenticTimestamp",
                    check("The signature was made while its certificates were valid.", ["enforce", "log"])
                ),
                .optional("expiry", check("The signature's own expiry lies ahead.", ["enforce", "log"])),
                .optional(
                    "revocation",
                    check("No certificate of the chain is revoked.", ["enforce", "log", "skip"])
                ),
            ]
        )
    }()

    private static let identities = SchemaNode.list(
        """
        Whom the certificates must name: x509.subject: and at least C, ST and O of the signer's subject, or * alone \
        for \
        everybody whom the trust stores vouch for. One match suffices.
        """,
        of: .string(
            "An identity.",
            length: 1...1024,
            example: "x509.subject: C=US, ST=WA, L=Seattle, O=Notary, CN=wabbit-networks.io"
        ),
        count: 1...64,
        kind: .set,
        rules: [
            SchemaRule(
                expression: "size(self) == 1 || self.all(identity, identity != '*')",
                message: "* trusts everybody and must stand alone"
            )
        ]
    )

    private static func trustStores(isCluster: Bool) -> SchemaNode {
        let store = SchemaNode.object(
            "A set of trust anchors.",
            [
                .required(
                    "type",
                    .choice(
                        """
                        What the certificates vouch for: ca for signers, signingAuthority for signing authorities, \
                        which \
                        also vouch for the time, tsa for time-stamping authorities.
                        """,
                        TrustStore.Kind.allCases.map(\.rawValue)
                    )
                ),
                .optional(
                    "name",
                    .string(
                        "The store's name, unique among the authority's stores of its type. Absent: the type.",
                        length: 1...63,
                        pattern: "^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*$",
                        example: "wabbit-networks"
                    )
                ),
                .required("certificates", certificates(isCluster: isCluster)),
            ]
        )
        return .list("The trust anchors.", of: store, count: 1...8)
    }

    private static func certificates(isCluster: Bool) -> SchemaNode {
        .object(
            "Where the certificates are: exactly one of inline, configMapRef, secretRef and azureKeyVault.",
            [
                .optional(
                    "inline",
                    .string(
                        "Certificates as PEM text.",
                        length: 1...65_536,
                        example: "-----BEGIN CERTIFICATE----- and so on"
                    )
                ),
                .optional(
                    "configMapRef",
                    reference("A key of a ConfigMap with PEM text, or with DER under binaryData.", isCluster: isCluster)
                ),
                .optional(
                    "secretRef",
                    reference(
                        "A key of a Secret with PEM text or DER. The operator must be permitted to read it.",
                        isCluster: isCluster
                    )
                ),
                .optional("azureKeyVault", keyVault),
            ],
            rules: [
                SchemaRule(
                    expression: exactlyOne(of: ["inline", "configMapRef", "secretRef", "azureKeyVault"]),
                    message: "exactly one of inline, configMapRef, secretRef and azureKeyVault is required"
                )
            ]
        )
    }

    private static func exactlyOne(of names: [String]) -> String {
        names.map { one in
            "(\(names.map { "\($0 == one ? "" : "!")has(self.\($0))" }.joined(separator: " && ")))"
        }.joined(separator: " || ")
    }

    private static let keyVault = SchemaNode.object(
        """
        A certificate in Azure Key Vault, read with the operator's identity of Azure. Its chain counts where the \
        operator may read the secret of the same name, else the certificate alone.
        """,
        [
            .required(
                "vaultURI",
                .string(
                    "The vault.",
                    length: 1...256,
                    pattern: "^https://[a-zA-Z0-9.-]+(:[0-9]{1,5})?/?$",
                    example: "https://shop.vault.azure.net"
                )
            ),
            .required(
                "name",
                .string(
                    "The certificate's name.",
                    length: 1...127,
                    pattern: "^[0-9a-zA-Z-]+$",
                    example: "wabbit-networks"
                )
            ),
            .optional(
                "versions",
                .list(
                    """
                    The versions that count. Absent: every enabled version, the 16 newest at most. A disabled version \
                    never counts.
                    """,
                    of: .string(
                        "A version.",
                        length: 32...32,
                        pattern: "^[0-9a-f]{32}$",
                        example: "002ade539442463aba45c0efb42e3e84"
                    ),
                    count: 1...16,
                    kind: .set
                )
            ),
        ]
    )

    private static func reference(_ text: String, isCluster: Bool) -> SchemaNode {
        var properties: [SchemaProperty] = [
            .required("name", .objectName("The object, in the policy's namespace.", example: "trust")),
            .required(
                "key",
                .string("The key in it.", length: 1...253, pattern: "^[-._a-zA-Z0-9]+$", example: "ca.pem")
            ),
        ]
        if isCluster {
            properties[0] = .required("name", .objectName("The object.", example: "trust"))
            properties.append(
                .required(
                    "namespace",
                    .string(
                        "The object's namespace.",
                        length: 1...63,
                        pattern: NamePattern.label,
                        example: "vigil-system"
                    )
                )
            )
        }
        return .object(text, properties)
    }
}
