import FoundationEssentials
import SigningTestKit

/// Signatures whose certificates say where to ask whether they are revoked, and everything that may come back.
enum RevocationCases {
    private typealias Services = RevocationRecipe.Services
    private typealias Subject = RevocationRecipe.Subject

    static var all: [DifferentialCase] { ofEntries + ofLevels + ofClocks + ofStrangers + [revokedBesideGood] }

    /// Every entry under both schemes; the formats take turns.
    private static var ofEntries: [DifferentialCase] {
        let entries = RevocationEntry.ofResponders + RevocationEntry.ofLists + ofChains
        return entries.enumerated().flatMap { index, entry in
            EnvelopeRecipe.Scheme.allCases.enumerated().map { turn, scheme in
                var chain = ChainRecipe()
                entry.chain?(&chain)
                let isInTurn =
                    scheme
                    == (entry.expected == entry.expectedOfAuthority && index % 2 == 0 ? .x509 : .signingAuthority)
                return made(
                    "\(scheme.rawValue)/\(entry.name)",
                    (index + turn).isMultiple(of: 2) ? .jws : .cose,
                    scheme,
                    scheme == .x509 ? entry.expected : entry.expectedOfAuthority,
                    entry.services,
                    chain: chain,
                    isInSample: entry.isInSample && isInTurn
                )
            }
        }
    }

    private static func made(
        _ name: String,
        _ format: TestSignature.Format,
        _ scheme: EnvelopeRecipe.Scheme,
        _ expected: Expected,
        _ services: [Subject: Services],
        chain: ChainRecipe = ChainRecipe(),
        isInSample: Bool = false,
        _ change: (inout TrustRecipe) -> Void = { _ in }
    ) -> DifferentialCase {
        var trust = TrustRecipe(stores: [.init(kind: scheme.storeKind)])
        change(&trust)
        return DifferentialCase(
            "revocation/\(name)",
            signatures: [.made(EnvelopeRecipe(format: format, scheme: scheme, chain: chain))],
            trust: trust,
            revocation: RevocationRecipe(services: services),
            expected: expected,
            isInSample: isInSample
        )
    }

    // MARK: Every certificate of the chain

    private static func responder(_ service: RevocationRecipe.Service) -> Services { Services(responders: [service]) }
    private static func list(_ service: RevocationRecipe.Service) -> Services { Services(lists: [service]) }

    private static let ofChains: [RevocationEntry] = [
        RevocationEntry("chain/all-good", .accepted(), [.signer: responder(.ocsp()), .authority: list(.list())])
            .sampled,
        RevocationEntry("chain/ca-good", .accepted(), [.authority: responder(.ocsp())]),
        RevocationEntry("chain/ca-revoked", .refused(.revoked), [.authority: responder(.revoked(2))]).sampled,
        RevocationEntry(
            "chain/ca-unknown",
            .refused(.revocationUnknown),
            [.authority: responder(.ocsp { recipe, _ in recipe.status = .unknown })]
        ),
        RevocationEntry("chain/ca-unreachable", .refused(.revocationUnknown), [.authority: responder(.deaf)]),
        RevocationEntry("chain/ca-listed", .refused(.revoked), [.authority: list(.listed(2))]),
        RevocationEntry("chain/ca-on-hold", .refused(.revoked), [.authority: list(.listed(6))]),
        RevocationEntry(
            "chain/ca-on-a-list-of-authorities",
            .accepted(),
            [.authority: list(.list { recipe, _ in recipe.scope = RevocationListRecipe.scope(flags: [2]) })]
        ),
        RevocationEntry(
            "chain/ca-on-a-list-of-users",
            .stricter(.revocationListScope, .revocationUnknown),
            [.authority: list(.list { recipe, _ in recipe.scope = RevocationListRecipe.scope(flags: [1]) })]
        ),
        RevocationEntry(
            "chain/signer-good-ca-revoked",
            .refused(.revoked),
            [.signer: responder(.ocsp()), .authority: responder(.revoked(2))]
        ),
        // One that is revoked settles it, whatever is known of the others.
        RevocationEntry(
            "chain/signer-unreachable-ca-revoked",
            .refused(.revoked),
            [.signer: responder(.deaf), .authority: responder(.revoked(2))]
        ),
        RevocationEntry(
            "chain/signer-revoked-ca-unreachable",
            .refused(.revoked),
            [.signer: responder(.revoked(1)), .authority: responder(.deaf)]
        ),
        RevocationEntry(
            "chain/ca-invalid-after-signing",
            .refused(.revoked),
            ofAuthority: .accepted(),
            [.authority: responder(.revoked(2, invalidSince: RevocationEntry.after))]
        ),
        // Nobody is asked about a root.
        RevocationEntry("chain/root-unreachable", .accepted(), [.root: responder(.deaf)]),
        RevocationEntry("chain/root-revoked", .accepted(), [.root: responder(.revoked(2))]),
        RevocationEntry(
            "chain/self-signed-unreachable",
            .accepted(),
            [.signer: responder(.deaf)],
            chain: { $0.intermediates = nil }
        ),
        RevocationEntry(
            "chain/issued-by-the-root-revoked",
            .refused(.revoked),
            [.signer: responder(.revoked(1))],
            chain: { $0.intermediates = 0 }
        ),
    ]

    // MARK: What policies ask for

    private struct Level {
        let name: String
        var level: String
        var action: String?
        /// What becomes of a failure.
        let outcome: Outcome
    }

    private enum Outcome { case refused, logged, notAsked }

    private static let levels = [
        Level(name: "strict", level: "strict", outcome: .refused),
        Level(name: "permissive", level: "permissive", outcome: .logged),
        Level(name: "audit", level: "audit", outcome: .logged),
        Level(name: "strict-logged", level: "strict", action: "log", outcome: .logged),
        Level(name: "strict-skipped", level: "strict", action: "skip", outcome: .notAsked),
        Level(name: "permissive-enforced", level: "permissive", action: "enforce", outcome: .refused),
        Level(name: "permissive-skipped", level: "permissive", action: "skip", outcome: .notAsked),
        Level(name: "audit-enforced", level: "audit", action: "enforce", outcome: .refused),
        Level(name: "audit-skipped", level: "audit", action: "skip", outcome: .notAsked),
    ]

    private static let faults: [(name: String, services: Services, reason: ReasonClass?)] = [
        ("good", responder(.ocsp()), nil), ("revoked", responder(.revoked(1)), .revoked),
        ("unknown", responder(.ocsp { recipe, _ in recipe.status = .unknown }), .revocationUnknown),
        ("unreachable", list(.deaf), .revocationUnknown),
    ]

    private static var ofLevels: [DifferentialCase] {
        levels.enumerated().flatMap { turn, level in
            faults.enumerated().map { index, fault in
                let expected: Expected =
                    switch (fault.reason, level.outcome) {
                    case (nil, _), (_, .notAsked): .accepted()
                    case (_, .logged): .accepted(logged: ["revocation"])
                    case (let reason?, .refused): .refused(reason)
                    }
                return made(
                    "level/\(level.name)/\(fault.name)",
                    index.isMultiple(of: 2) ? .jws : .cose,
                    (index / 2 + turn).isMultiple(of: 2) ? .x509 : .signingAuthority,
                    expected,
                    [.signer: fault.services],
                    isInSample: fault.name == "revoked" && ["permissive", "strict-skipped"].contains(level.name)
                ) {
                    $0.level = level.level
                    if let action = level.action { $0.overrides = ["revocation": action] }
                }
            }
        }
    }

    // MARK: Signers that nobody vouches for

    /// A policy that only logs who signed, and wants to know whether the certificate was revoked.
    private static var ofStrangers: [DifferentialCase] {
        [
            stranger(
                "good",
                .stricter(.revocationOfStrangers, .authenticity),
                responder(.ocsp()),
                isInSample: true
            ),
            stranger("good-by-list", .stricter(.revocationOfStrangers, .authenticity), list(.list())),
            stranger("unreachable", .refused(.authenticity, notation: .revocationUnknown), responder(.deaf)),
        ]
    }

    private static func stranger(
        _ name: String,
        _ expected: Expected,
        _ services: Services,
        isInSample: Bool = false
    ) -> DifferentialCase {
        made("stranger/\(name)", .jws, .x509, expected, [.signer: services], isInSample: isInSample) {
            $0.stores = [.init(content: .stranger)]
            $0.overrides = ["authenticity": "log"]
        }
    }

    // MARK: Timestamps

    private static var ofClocks: [DifferentialCase] {
        let bad = Expected.refused(.revoked, notation: .time)
        let unknown = Expected.refused(.revocationUnknown, notation: .time)
        let later = RevocationRecipe.stamped.addingTimeInterval(86_400)
        let revoked: [Subject: Services] = [.clock: responder(.revoked(1))]
        return [
            clock("good", .accepted(), [.clock: responder(.ocsp())], isInSample: true),
            clock(
                "all-good",
                .accepted(),
                [.signer: responder(.ocsp()), .clock: list(.list()), .clockAuthority: responder(.ocsp())]
            ),
            clock("revoked", bad, revoked, isInSample: true),
            // It was revoked after it stamped: the reference does not weigh that either.
            clock("revoked-later", bad, [.clock: responder(.revoked(4, hours: 1))]),
            clock("invalid-later", bad, [.clock: responder(.revoked(1, invalidSince: later))]),
            clock("listed", bad, [.clock: list(.listed(1))]), clock("on-hold", bad, [.clock: list(.listed(6))]),
            clock("unknown", unknown, [.clock: responder(.ocsp { recipe, _ in recipe.status = .unknown })]),
            clock("unreachable", unknown, [.clock: responder(.deaf)]),
            clock("ca-good", .accepted(), [.clockAuthority: list(.list())]),
            clock("ca-revoked", bad, [.clockAuthority: responder(.revoked(2))]),
            clock("revoked-permissive", .accepted(logged: ["authenticTimestamp"]), revoked) { $0.level = "permissive" },
            clock("revoked-audit", .accepted(logged: ["authenticTimestamp"]), revoked) { $0.level = "audit" },
            clock("revoked-timestamp-logged", .accepted(logged: ["authenticTimestamp"]), revoked) {
                $0.overrides = ["authenticTimestamp": "log"]
            },
            // Revocation of signers is not asked about; that of clocks is.
            clock("revoked-and-revocation-skipped", bad, revoked) { $0.overrides = ["revocation": "skip"] },
            clock("revoked-and-not-needed", .accepted(), revoked) { $0.verifyTimestamp = "afterCertExpiry" },
            // A timestamp proves when the signature was made, and the reference does not let that count.
            clock(
                "signer-invalid-after-the-timestamp",
                .refused(.revoked),
                [.signer: responder(.revoked(1, invalidSince: later)), .clock: responder(.ocsp())]
            ),
        ]
    }

    private static func clock(
        _ name: String,
        _ expected: Expected,
        _ services: [Subject: Services],
        isInSample: Bool = false,
        _ change: (inout TrustRecipe) -> Void = { _ in }
    ) -> DifferentialCase {
        made(
            "timestamp/\(name)",
            name.utf8.count.isMultiple(of: 2) ? .jws : .cose,
            .x509,
            expected,
            services,
            isInSample: isInSample
        ) {
            $0.stores.append(.init(kind: "tsa", name: "clock", content: .clocks))
            change(&$0)
        }
    }

    // MARK: Several signatures

    private static var revokedBesideGood: DifferentialCase {
        DifferentialCase(
            "revocation/list/revoked-beside-good",
            signatures: [
                .made(EnvelopeRecipe(format: .jws, chain: ChainRecipe())),
                .made(EnvelopeRecipe(format: .cose, chain: ChainRecipe(key: .p384))),
            ],
            revocation: RevocationRecipe(services: [.signer: responder(.revoked(1))]),
            expected: .accepted()
        )
    }
}
