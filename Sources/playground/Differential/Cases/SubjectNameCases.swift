import SigningTestKit

/// Subjects of signers against an identity that names C, ST and O.
enum SubjectNameCases {
    typealias Part = CertificateRecipe.NamePart

    static var all: [DifferentialCase] {
        let usual = CertificateRecipe.name("signer.example.com")
        let subjects: [(name: String, subject: [[Part]], expected: Expected)] = [
            ("usual", usual, .accepted()),
            ("with-unit", usual + [[unit("a")]], .accepted()),
            ("with-two-units", usual + [[unit("a")], [unit("b")]], .refused(.authenticity)),
            ("with-two-units-in-one", usual + [[unit("a"), unit("b")]], .refused(.authenticity)),
            (
                "with-mail", usual + [[Part("1.2.840.113549.1.9.1", "a@example.com", tag: 0x16)]],
                .refused(.authenticity)
            ),
            (
                "with-domain", usual + [[Part("0.9.2342.19200300.100.1.25", "com", tag: 0x16)]],
                .refused(.authenticity)
            ),
            ("with-locality-and-street", usual + [[Part("2.5.4.7", "x")], [Part("2.5.4.9", "y")]], .accepted()),
            ("without-state", usual.filter { $0[0].type != "2.5.4.8" }, .refused(.authenticity)),
            ("of-another-organisation", replacing(usual, "2.5.4.10", "Other"), .refused(.authenticity)),
            ("with-comma", replacing(usual, "2.5.4.3", "a, b"), .accepted()),
            ("with-equals-hash", replacing(usual, "2.5.4.3", "a=#b"), .refused(.authenticity)),
            ("with-hash", replacing(usual, "2.5.4.3", "#b"), .accepted()),
            ("with-plus", replacing(usual, "2.5.4.3", "a+b"), .accepted()),
            ("with-quotes", replacing(usual, "2.5.4.3", "a\"b\\c<d>;"), .accepted()),
            ("with-spaces-around", replacing(usual, "2.5.4.3", " a "), .accepted()),
            ("with-accents", replacing(usual, "2.5.4.3", "Zoë Müller"), .accepted()),
            ("in-ia5", usual + [[Part("2.5.4.11", "a", tag: 0x16)]], .accepted()),
            ("in-printable", usual + [[Part("2.5.4.11", "a", tag: 0x13)]], .accepted()),
            ("in-teletex", usual + [[Part("2.5.4.11", "a", tag: 0x14)]], .stricter(.teletexName, .authenticity)),
            ("in-bmp", usual + [[Part("2.5.4.11", "\0a", tag: 0x1E)]], .accepted()),
            ("in-numeric", usual + [[Part("2.5.4.11", "12", tag: 0x12)]], .accepted()),
            ("in-printable-that-is-none", usual + [[Part("2.5.4.11", "a@b", tag: 0x13)]], .refused(.integrity)),
            ("with-serial-number", usual + [[Part("2.5.4.5", "1", tag: 0x13)]], .accepted()),
            ("with-postal-code", usual + [[Part("2.5.4.17", "1")]], .accepted()),
            ("with-title", usual + [[Part("2.5.4.12", "x")]], .refused(.authenticity)),
            ("with-empty-unit", usual + [[Part("2.5.4.11", "")]], .accepted()),
            ("with-empty-state", replacing(usual, "2.5.4.8", ""), .refused(.authenticity)),
            ("all-in-one", [usual.flatMap { $0 }], .accepted()),
        ]
        return named
            + subjects.enumerated().map { index, entry in
                let subject = entry.subject
                return DifferentialCase(
                    "subject/\(entry.name)",
                    signatures: [
                        .made(
                            EnvelopeRecipe(
                                format: index.isMultiple(of: 2) ? .jws : .cose,
                                chain: ChainRecipe(leaf: { $0.subject = subject })
                            )
                        )
                    ],
                    trust: TrustRecipe(identities: ["x509.subject: C=US, ST=WA, O=Example"]),
                    expected: entry.expected
                )
            }
    }

    /// Values that an identity must write with a backslash.
    private static var named: [DifferentialCase] {
        let values: [(name: String, value: String, written: String)] = [
            ("hash", "#b", "\\#b"), ("comma", "a, b", "a\\, b"), ("plus", "a+b", "a\\+b"), ("equals", "a=b", "a=b"),
            ("quotes", "a\"b", "a\\\"b"), ("backslash", "a\\b", "a\\\\b"), ("spaces", " a ", "\\ a\\ "),
            ("accent", "é", "\\C3\\A9"), ("semicolon", "a;b", "a\\;b"), ("angle", "<a>", "\\<a\\>"),
        ]
        return values.map { entry in
            let subject = replacing(CertificateRecipe.name(""), "2.5.4.3", entry.value)
            return DifferentialCase(
                "subject/named-with-\(entry.name)",
                signatures: [
                    .made(EnvelopeRecipe(format: .jws, chain: ChainRecipe(leaf: { $0.subject = subject })))
                ],
                trust: TrustRecipe(identities: ["x509.subject: C=US, ST=WA, O=Example, CN=\(entry.written)"]),
                expected: .accepted()
            )
        }
    }

    private static func unit(_ value: String) -> Part { Part("2.5.4.11", value) }

    private static func replacing(_ subject: [[Part]], _ type: String, _ value: String) -> [[Part]] {
        subject.map { $0[0].type == type ? [Part(type, value)] : $0 }
    }
}
