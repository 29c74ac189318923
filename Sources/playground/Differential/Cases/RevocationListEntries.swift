import FoundationEssentials
import SigningTestKit

/// What revocation lists may say, well or badly (RFC 5280 §5).
extension RevocationEntry {
    static let ofLists =
        ofEntries + ofListTimes + ofListForms + ofListScopes + ofDeltas + ofListConnections + ofFallback

    private static let ofEntries: [RevocationEntry] =
        reasons.map { name, code in
            let isRemoval = code == 8
            let entry = lists("revoked-\(name)", isRemoval ? .accepted() : .refused(.revoked), .listed(code))
            return name == "key-compromise" || name == "certificate-hold" ? entry.sampled : entry
        } + [
            lists("good", .accepted(), .list()).sampled,
            lists("another-certificate", .accepted(), .list { $0.entries = [.init(1, at: $1.hoursAgo(2), reason: 1)] }),
            lists(
                "on-hold-then-removed",
                .accepted(),
                .list { $0.entries = [$1.entry(9, reason: 6), $1.entry(2, reason: 8)] }
            ),
            lists(
                "removed-then-on-hold",
                .refused(.revoked),
                .list { $0.entries = [$1.entry(2, reason: 6), $1.entry(9, reason: 8)] }
            ),
            lists(
                "on-hold-then-compromised",
                .refused(.revoked),
                .list { $0.entries = [$1.entry(9, reason: 6), $1.entry(2, reason: 1)] }
            ),
            lists(
                "compromised-then-removed",
                .refused(.revoked),
                .list { $0.entries = [$1.entry(9, reason: 1), $1.entry(2, reason: 8)] }
            ),
            lists(
                "invalid-after-signing",
                .refused(.revoked),
                ofAuthority: .accepted(),
                .listed(1, invalidSince: after)
            ).sampled,
            lists("invalid-before-signing", .refused(.revoked), .listed(1, invalidSince: before)),
            lists("invalid-at-signing", .refused(.revoked), .listed(1, invalidSince: EnvelopeRecipe.signingTime)),
            lists(
                "on-hold-invalid-after-signing",
                .refused(.revoked),
                ofAuthority: .accepted(),
                .listed(6, invalidSince: after)
            ),
            lists(
                "critical-extension-of-the-entry",
                .refused(.revocationUnknown),
                .list {
                    var entry = $1.entry(reason: 1)
                    entry.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: true, value: [5, 0])]
                    $0.entries = [entry]
                }
            ),
        ]

    private static let ofListTimes: [RevocationEntry] = [
        lists("stale", .refused(.revocationUnknown), .list { $0.nextUpdate = $1.hoursAgo(0.5) }).sampled,
        lists("without-end", .refused(.revocationUnknown), .list { recipe, _ in recipe.nextUpdate = nil }),
        lists(
            "of-the-future",
            .stricter(.revocationOfTheFuture, .revocationUnknown),
            .list { $0.thisUpdate = $1.hoursAgo(-2) }
        ),
    ]

    private static let ofListForms: [RevocationEntry] = [
        lists(
            "by-a-stranger",
            .refused(.revocationUnknown),
            .answering { .body(try RevocationListRecipe(now: $0.now).issue(by: ChainFlaw.stranger())) }
        ).sampled,
        lists(
            "of-another-issuer-name",
            .stricter(.revocationListIssuer, .revocationUnknown),
            .list { recipe, _ in recipe.issuerName = CertificateRecipe.encoded(CertificateRecipe.name("Somebody")) }
        ),
        lists(
            "broken-signature",
            .refused(.revocationUnknown),
            .list { recipe, _ in recipe.hasBrokenSignature = true }
        ).sampled,
        lists(
            "signed-with-sha1",
            .stricter(.revocationSHA1, .revocationUnknown),
            .list { recipe, _ in recipe.signature = .ecdsaSHA1 }
        ),
        lists(
            "two-algorithms",
            .refused(.revocationUnknown),
            .list { recipe, _ in recipe.innerAlgorithm = CertificateSignature.ecdsaSHA384.identifier }
        ),
        lists(
            "unknown-critical-extension",
            .refused(.revocationUnknown),
            .list { recipe, _ in recipe.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: true, value: [5, 0])] }
        ).sampled,
        lists(
            "unknown-extension",
            .accepted(),
            .list { recipe, _ in recipe.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: false, value: [5, 0])] }
        ),
        lists("without-version", .refused(.revocationUnknown), .list { recipe, _ in recipe.version = nil }),
        lists("without-number", .accepted(), .list { recipe, _ in recipe.number = nil }),
        lists("malformed", .refused(.revocationUnknown), .always(.body([0x30, 0x03, 0x02]))),
        lists("empty", .refused(.revocationUnknown), .always(.body([]))),
        lists("cut-off", .refused(.revocationUnknown), .listBytes { $0.dropLast(3) }),
        lists("bytes-after-it", .stricter(.contentAfterDocument, .revocationUnknown), .listBytes { $0 + [0] }),
        lists("oversized", .refused(.revocationUnknown), .always(.endless)),
        RevocationEntry(
            "list/issuer-without-the-usage",
            .refused(.revocationUnknown),
            [.signer: Services(lists: [.list()])],
            chain: { $0.authority = { if $0 == 1 { $1.keyUsage = [.keyCertSign] } } }
        ),
    ]

    private static let ofListScopes: [RevocationEntry] = [
        scope("users", .accepted(), flags: [1]),
        scope("authorities", .stricter(.revocationListScope, .revocationUnknown), flags: [2]),
        scope("some-reasons", .stricter(.revocationListScope, .revocationUnknown), flags: [3]),
        scope("indirect", .stricter(.revocationListScope, .revocationUnknown), flags: [4]),
        scope("attributes", .stricter(.revocationListScope, .revocationUnknown), flags: [5]),
        lists(
            "scope-this-place",
            .accepted(),
            .list { $0.scope = RevocationListRecipe.scope(places: [$1.place + "/list0"]) }
        ),
        lists(
            "scope-another-place",
            .stricter(.revocationListScope, .revocationUnknown),
            .list { recipe, _ in recipe.scope = RevocationListRecipe.scope(places: ["http://127.0.0.1/other.crl"]) }
        ),
    ]

    private static func scope(_ name: String, _ expected: Expected, flags: [UInt8]) -> RevocationEntry {
        lists(
            "scope-\(name)",
            expected,
            .list { recipe, _ in recipe.scope = RevocationListRecipe.scope(flags: flags) }
        )
    }

    private static let ofDeltas: [RevocationEntry] = [
        lists("delta-good", .accepted(), .base(), delta: .delta()).sampled,
        lists("delta-revoked", .refused(.revoked), .base(), delta: .delta { $0.entries = [$1.entry(reason: 1)] })
            .sampled,
        lists("delta-on-hold", .refused(.revoked), .base(), delta: .delta { $0.entries = [$1.entry(reason: 6)] }),
        lists(
            "on-hold-then-removed-by-delta",
            .accepted(),
            .base { $0.entries = [$1.entry(9, reason: 6)] },
            delta: .delta { $0.entries = [$1.entry(2, reason: 8)] }
        ).sampled,
        lists(
            "compromised-then-removed-by-delta",
            .refused(.revoked),
            .base { $0.entries = [$1.entry(9, reason: 1)] },
            delta: .delta { $0.entries = [$1.entry(2, reason: 8)] }
        ),
        lists("delta-unreachable", .refused(.revocationUnknown), .base(), delta: .always(.status(404))),
        lists("delta-malformed", .refused(.revocationUnknown), .base(), delta: .always(.body([1, 2, 3]))),
        lists(
            "delta-stale",
            .refused(.revocationUnknown),
            .base(),
            delta: .delta { $0.nextUpdate = $1.hoursAgo(0.5) }
        ),
        lists(
            "delta-broken-signature",
            .refused(.revocationUnknown),
            .base(),
            delta: .delta { recipe, _ in recipe.hasBrokenSignature = true }
        ),
        lists(
            "delta-not-newer",
            .refused(.revocationUnknown),
            .base { recipe, _ in recipe.number = 2 },
            delta: .delta()
        ),
        lists(
            "delta-to-a-newer-base",
            .refused(.revocationUnknown),
            .base(),
            delta: .delta { recipe, _ in
                recipe.number = 3
                recipe.baseNumber = 2
            }
        ),
        lists(
            "delta-without-indicator",
            .refused(.revocationUnknown),
            .base(),
            delta: .delta { recipe, _ in recipe.baseNumber = nil }
        ),
        lists(
            "delta-of-another-scope",
            .stricter(.revocationListScope, .revocationUnknown),
            .base(),
            delta: .delta { recipe, _ in recipe.scope = RevocationListRecipe.scope(flags: [1]) }
        ),
        lists("delta-as-base", .stricter(.deltaAlone, .revocationUnknown), .delta()),
        RevocationEntry(
            "list/delta-named-by-the-certificate-alone",
            .refused(.revocationUnknown),
            [.signer: Services(lists: [.list()], delta: .delta(), namesDelta: true)]
        ),
        RevocationEntry(
            "list/delta-named-by-both",
            .accepted(),
            [.signer: Services(lists: [.base()], delta: .delta(), namesDelta: true)]
        ),
        RevocationEntry(
            "list/delta-without-a-base",
            .stricter(.deltaAlone, .revocationUnknown),
            [.signer: Services(delta: .delta(), namesDelta: true)]
        ),
    ]

    private static let ofListConnections: [RevocationEntry] = [
        lists("unreachable", .refused(.revocationUnknown), .deaf).sampled,
        lists("hung-up", .refused(.revocationUnknown), .always(.hangUp)),
        lists("not-found", .refused(.revocationUnknown), .always(.status(404))),
        lists("https", .refused(.revocationUnknown), .elsewhere("https://127.0.0.1:1/")),
        lists("ldap", .refused(.revocationUnknown), .elsewhere("ldap://127.0.0.1/")),
        // Each may be about other reasons: all of them are needed.
        lists("two-good", .accepted(), .list(), .list()),
        lists("second-revoked", .refused(.revoked), .list(), .listed(1)),
        lists("second-unreachable", .refused(.revocationUnknown), .list(), .deaf),
        lists("first-unreachable", .refused(.revocationUnknown), .deaf, .list()),
        lists("first-revoked-second-unreachable", .refused(.revoked), .listed(1), .deaf),
    ]

    private static func both(
        _ name: String,
        _ expected: Expected,
        _ responder: RevocationRecipe.Service,
        _ list: RevocationRecipe.Service
    ) -> RevocationEntry {
        RevocationEntry("both/\(name)", expected, [.signer: Services(responders: [responder], lists: [list])])
    }

    private static let ofFallback: [RevocationEntry] = [
        both("responder-unreachable-list-good", .accepted(), .deaf, .list()).sampled,
        both("responder-unreachable-list-revoked", .refused(.revoked), .deaf, .listed(1)).sampled,
        both(
            "responder-unreachable-list-stale",
            .refused(.revocationUnknown),
            .deaf,
            .list { $0.nextUpdate = $1.hoursAgo(1) }
        ),
        both("responder-stale-list-good", .accepted(), .ocsp { $0.nextUpdate = $1.hoursAgo(1) }, .list()),
        both("responder-malformed-list-good", .accepted(), .always(.body([1])), .list()),
        both("responder-unknown-list-good", .accepted(), .ocsp { recipe, _ in recipe.status = .unknown }, .list()),
        both("responder-unknown-list-revoked", .refused(.revoked), .ocsp { r, _ in r.status = .unknown }, .listed(1)),
        both(
            "responder-unknown-list-unreachable",
            .refused(.revocationUnknown),
            .ocsp { r, _ in r.status = .unknown },
            .deaf
        ),
        both("responder-good-list-revoked", .accepted(), .ocsp(), .listed(1)),
        both("responder-revoked-list-good", .refused(.revoked), .revoked(1), .list()),
        both("neither-reachable", .refused(.revocationUnknown), .deaf, .deaf),
    ]
}
