import SigningTestKit

/// Trust policies: levels and overrides against what may go wrong, documents, scopes.
enum PolicyCases {
    /// What may be wrong with a signature, by the check that it concerns.
    private struct Fault {
        let name: String
        var chain = ChainRecipe()
        var flaw: EnvelopeFlaw?
        var content = TrustRecipe.Content.root
        var identities = ["*"]
        /// The check that fails, and the class of reasons; `nil` for a good signature.
        var failure: (check: String, reason: ReasonClass)?
    }

    private static func flaw(_ name: String, in flaws: [EnvelopeFlaw]) -> EnvelopeFlaw? {
        flaws.first { $0.name == name }
    }

    private static var faults: [Fault] {
        let somebody = ["x509.subject: C=US, ST=WA, O=Somebody else"]
        return [
            Fault(name: "good"),
            Fault(
                name: "altered",
                flaw: flaw("payload-altered", in: EnvelopeFlaw.ofSignatures),
                failure: ("integrity", .integrity)
            ),
            Fault(name: "stranger", content: .stranger, failure: ("authenticity", .authenticity)),
            Fault(name: "somebody-else", identities: somebody, failure: ("authenticity", .authenticity)),
            Fault(name: "expired", flaw: flaw("expired", in: EnvelopeFlaw.ofHeaders), failure: ("expiry", .expiry)),
            Fault(
                name: "expired-certificate",
                chain: ChainRecipe(leaf: { $0.notAfter = EnvelopeRecipe.soonAfter }),
                failure: ("authenticTimestamp", .time)
            ),
        ]
    }

    private struct Level {
        let name: String
        var level: String
        var overrides: [String: String] = [:]
        /// The checks whose failure is only logged.
        var logged: Set<String>
    }

    private static let levels = [
        Level(name: "strict", level: "strict", logged: []),
        Level(name: "permissive", level: "permissive", logged: ["authenticTimestamp", "expiry", "revocation"]),
        Level(
            name: "audit",
            level: "audit",
            logged: ["authenticity", "authenticTimestamp", "expiry", "revocation"]
        ),
        Level(name: "strict-expiry-logged", level: "strict", overrides: ["expiry": "log"], logged: ["expiry"]),
        Level(
            name: "strict-authenticity-logged",
            level: "strict",
            overrides: ["authenticity": "log"],
            logged: ["authenticity"]
        ),
        Level(
            name: "strict-timestamp-logged",
            level: "strict",
            overrides: ["authenticTimestamp": "log"],
            logged: ["authenticTimestamp"]
        ),
        Level(
            name: "permissive-all-enforced",
            level: "permissive",
            overrides: ["expiry": "enforce", "authenticTimestamp": "enforce", "revocation": "enforce"],
            logged: []
        ),
        Level(
            name: "audit-authenticity-enforced",
            level: "audit",
            overrides: ["authenticity": "enforce"],
            logged: ["authenticTimestamp", "expiry", "revocation"]
        ),
        Level(name: "strict-revocation-skipped", level: "strict", overrides: ["revocation": "skip"], logged: []),
    ]

    /// Every level with every fault, both formats in turns.
    static var ofLevels: [DifferentialCase] {
        levels.flatMap { level in
            faults.enumerated().map { index, fault in
                let expected: Expected =
                    if let failure = fault.failure {
                        level.logged.contains(failure.check)
                            ? .accepted(logged: [failure.check]) : .refused(failure.reason)
                    } else {
                        .accepted()
                    }
                let format: TestSignature.Format = (index + level.name.count).isMultiple(of: 2) ? .jws : .cose
                return DifferentialCase(
                    "level/\(level.name)/\(fault.name)",
                    signatures: [.made(EnvelopeRecipe(format: format, chain: fault.chain, flaw: fault.flaw))],
                    trust: TrustRecipe(
                        stores: [.init(content: fault.content)],
                        level: level.level,
                        overrides: level.overrides,
                        identities: fault.identities
                    ),
                    expected: expected,
                    isInSample: ["audit/stranger", "audit/altered", "permissive/expired"]
                        .contains("\(level.name)/\(fault.name)")
                )
            }
        }
    }

    /// Documents and scopes with a good signature.
    static var ofDocuments: [DifferentialCase] {
        let good = SignatureRecipe.made(EnvelopeRecipe(format: .jws))
        let documents = PolicyFlaw.all.map {
            DifferentialCase(
                "policy/\($0.name)",
                signatures: [good],
                trust: $0.trust,
                expected: $0.expected,
                isInSample: $0.isInSample
            )
        }
        let unsigned = DifferentialCase(
            "policy/skip-for-the-repository",
            signatures: [],
            trust: PolicyFlaw.skipping(["REPOSITORY"]),
            expected: .skipped,
            isInSample: true
        )
        return documents + [unsigned]
    }
}
