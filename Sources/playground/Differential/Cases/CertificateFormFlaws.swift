import SigningTestKit

/// Certificates whose parts are not as RFC 5280 wants them.
extension ChainFlaw {
    static let ofForms = refusedForms + acceptedForms + stricterForms + places + notJudged

    static func form(
        _ name: String,
        _ expected: Expected,
        _ type: String,
        isCritical: Bool = false,
        _ value: [UInt8]
    )
        -> ChainFlaw
    {
        .leaf(name, expected) { $0.extensions = [.init(type, isCritical: isCritical, value: value)] }
    }

    private static let subjectKey = DERWriter.octetString([1, 2, 3, 4])
    private static let authorityKey = DERWriter.sequence(DERWriter.element(0x80, [1, 2, 3, 4]))
    private static let issuers = DERWriter.sequence(
        DERWriter.sequence(
            DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.2"),
            DERWriter.element(0x86, Array("http://ca.example.com/ca.crt".utf8))
        )
    )
    private static let policies = DERWriter.sequence(
        DERWriter.sequence(DERWriter.objectIdentifier("1.3.6.1.4.1.99999.2"))
    )
    private static let twice = DERWriter.sequence(
        DERWriter.sequence(DERWriter.objectIdentifier("1.3.6.1.4.1.99999.2")),
        DERWriter.sequence(DERWriter.objectIdentifier("1.3.6.1.4.1.99999.2"))
    )
    /// An identifier below 2.25, as a UUID makes one (X.667 §6.3).
    private static let longPolicy = DERWriter.sequence(
        DERWriter.sequence(DERWriter.element(0x06, [0x69, 0x83] + [UInt8](repeating: 0xFF, count: 17) + [0x7F]))
    )
    private static let constraints = DERWriter.sequence(
        DERWriter.element(0xA0, DERWriter.sequence(DERWriter.element(0x82, Array("example.com".utf8))))
    )

    static func names(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        DERWriter.sequence(DERWriter.element(tag, bytes))
    }

    private static let refusedForms: [ChainFlaw] = [
        form("critical-authority-key", .refused(.integrity), "2.5.29.35", isCritical: true, authorityKey),
        form("critical-subject-key", .refused(.integrity), "2.5.29.14", isCritical: true, subjectKey).sampled,
        form("critical-issuer-access", .refused(.integrity), "1.3.6.1.5.5.7.1.1", isCritical: true, issuers),
        form("subject-key-no-octets", .refused(.integrity), "2.5.29.14", DERWriter.null),
        form("authority-key-no-sequence", .refused(.integrity), "2.5.29.35", DERWriter.null),
        form("alternative-names-no-sequence", .refused(.integrity), "2.5.29.17", DERWriter.null),
        form("alternative-name-not-ascii", .refused(.integrity), "2.5.29.17", names(0x82, [0xC3, 0xA9])),
        form("alternative-mail-not-ascii", .refused(.integrity), "2.5.29.17", names(0x81, [0xC3, 0xA9])),
        form("alternative-address-of-three-bytes", .refused(.integrity), "2.5.29.17", names(0x87, [10, 0, 0])),
        form("policies-no-sequence", .refused(.integrity), "2.5.29.32", DERWriter.null),
        form("policy-without-identifier", .refused(.integrity), "2.5.29.32", DERWriter.sequence(DERWriter.sequence())),
        form("policy-twice", .refused(.integrity), "2.5.29.32", twice),
        form("name-constraints-empty", .refused(.integrity), "2.5.29.30", DERWriter.sequence()),
        form("name-constraints-no-sequence", .refused(.integrity), "2.5.29.30", DERWriter.null),
        .leaf("rsa-without-parameters", .refused(.integrity), key: .rsa2048) {
            $0.subjectPublicKeyInfo = publicKey(DERWriter.objectIdentifier("1.2.840.113549.1.1.1"))
        }.sampled,
        .leaf("rsa-exponent-of-32-bits", .refused(.integrity), key: .rsa2048) {
            $0.subjectPublicKeyInfo = publicKey(
                DERWriter.objectIdentifier("1.2.840.113549.1.1.1") + DERWriter.null,
                exponent: DERWriter.integer(0x8000_0001)
            )
        },
    ]

    /// The signer's key, with another algorithm or exponent.
    private static func publicKey(_ algorithm: [UInt8], exponent: [UInt8]? = nil) -> [UInt8]? {
        guard var bits = (try? TestKey.shared(.rsa2048, 0))?.publicKeyBits else { return nil }
        if let exponent {
            // A modulus of 2048 bits with its sign, in SEQUENCE { INTEGER, INTEGER }.
            bits = DERWriter.sequence(Array(bits[4..<(4 + 4 + 257)]), exponent)
        }
        return DERWriter.sequence(DERWriter.sequence(algorithm), DERWriter.bitString(bits))
    }

    private static let acceptedForms: [ChainFlaw] = [
        form("authority-key", .accepted(), "2.5.29.35", authorityKey),
        form("subject-key", .accepted(), "2.5.29.14", subjectKey),
        form("issuer-access", .accepted(), "1.3.6.1.5.5.7.1.1", issuers),
        form("alternative-names", .accepted(), "2.5.29.17", names(0x82, Array("signer.example.com".utf8))),
        form("alternative-address", .accepted(), "2.5.29.17", names(0x87, [10, 0, 0, 1])),
        form(
            "critical-alternative-names",
            .accepted(),
            "2.5.29.17",
            isCritical: true,
            names(0x81, Array("a@b.example".utf8))
        ),
        form("policies", .accepted(), "2.5.29.32", policies),
        form("policy-of-a-uuid", .accepted(), "2.5.29.32", longPolicy),
        form("other-names", .accepted(), "2.5.29.17", names(0x89, [0xE9])),
        form("issuer-names-no-sequence", .accepted(), "2.5.29.18", DERWriter.null),
        form("critical-policies", .accepted(), "2.5.29.32", isCritical: true, policies),
        form("name-constraints", .accepted(), "2.5.29.30", constraints),
    ]

    /// What only a lenient reader understands.
    private static let stricterForms: [ChainFlaw] = [
        form(
            "constraints-with-the-default",
            .stricter(.certificateForm),
            "2.5.29.19",
            isCritical: true,
            DERWriter.sequence(DERWriter.boolean(false))
        ).sampled,
        .leaf("usage-not-shortest", .stricter(.certificateForm)) {
            $0.keyUsage = nil
            $0.extensions = [
                .init("2.5.29.15", isCritical: true, value: DERWriter.bitString([0x80, 0x00], padding: 0))
            ]
        },
        form("eku-empty", .stricter(.certificateForm), "2.5.29.37", DERWriter.sequence()),
        .leaf("ecdsa-with-null", .stricter(.certificateForm)) { $0.signature = .ecdsaSHA256Null },
    ]

    /// A name in a directory, where nobody can be asked over HTTP.
    private static let directory = DERWriter.tagged(4, CertificateRecipe.encoded(CertificateRecipe.name("Lists")))

    private static let places: [ChainFlaw] = [
        form(
            "lists-in-a-directory",
            .stricter(.revocationPlace, .revocationUnknown),
            "2.5.29.31",
            DERWriter.sequence(DERWriter.sequence(DERWriter.tagged(0, DERWriter.tagged(0, directory))))
        ),
        form(
            "responder-in-a-directory",
            .stricter(.revocationPlace, .revocationUnknown),
            "1.3.6.1.5.5.7.1.1",
            DERWriter.sequence(DERWriter.sequence(DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.1"), directory))
        ),
    ]

    /// Restrictions that should be critical (RFC 5280 §4.2.1.10, §4.2.1.11, §4.2.1.14), and that neither program judges.
    private static let notJudged: [ChainFlaw] = [
        .authority(1, "name-constraints", .stricter(.unknownCriticalExtension)) {
            $0.extensions = [.init("2.5.29.30", isCritical: true, value: constraints)]
        },
        .authority(1, "name-constraints-not-critical", .accepted()) {
            $0.extensions = [.init("2.5.29.30", isCritical: false, value: constraints)]
        },
        .authority(1, "policy-constraints", .stricter(.unknownCriticalExtension)) {
            $0.extensions = [
                .init("2.5.29.36", isCritical: true, value: DERWriter.sequence(DERWriter.element(0x80, [0])))
            ]
        },
        .authority(1, "inhibit-any-policy", .stricter(.unknownCriticalExtension)) {
            $0.extensions = [.init("2.5.29.54", isCritical: true, value: DERWriter.integer(0))]
        },
    ]
}
