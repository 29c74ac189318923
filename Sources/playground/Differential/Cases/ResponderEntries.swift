import FoundationEssentials
import SigningTestKit

/// What OCSP responders may say, well or badly (RFC 6960).
extension RevocationEntry {
    static let ofResponders =
        ofStatuses + ofInvalidity + ofResponseTimes + ofResponseForms + ofSigners + ofConnections

    /// The reasons of RFC 5280 §5.3.1.
    static let reasons: [(name: String, code: UInt8?)] = [
        ("no-reason", nil), ("unspecified", 0), ("key-compromise", 1), ("ca-compromise", 2),
        ("affiliation-changed", 3), ("superseded", 4), ("cessation-of-operation", 5), ("certificate-hold", 6),
        ("remove-from-crl", 8), ("privilege-withdrawn", 9), ("aa-compromise", 10),
    ]

    private static let ofStatuses: [RevocationEntry] =
        reasons.map { name, code in
            let entry = responders("revoked-\(name)", .refused(.revoked), .revoked(code))
            return name == "key-compromise" ? entry.sampled : entry
        } + [
            responders("good", .accepted(), .ocsp()).sampled,
            responders("unknown", .refused(.revocationUnknown), .ocsp { recipe, _ in recipe.status = .unknown })
                .sampled,
            // Where nothing proves when a signature was made, it may have been made at any time.
            responders("revoked-long-before-signing", .refused(.revoked), .revoked(1, hours: 24 * 600)),
            responders("revoked-after-signing", .refused(.revoked), .revoked(1, hours: 1)),
            responders("revoked-in-the-future", .refused(.revoked), .revoked(4, hours: -24)),
        ]

    /// A day before and after signing authorities signed.
    static let before = EnvelopeRecipe.signingTime.addingTimeInterval(-86_400)
    static let after = EnvelopeRecipe.signingTime.addingTimeInterval(86_400)

    private static let ofInvalidity: [RevocationEntry] = [
        responders(
            "invalid-after-signing",
            .refused(.revoked),
            ofAuthority: .accepted(),
            .revoked(1, invalidSince: after)
        ).sampled,
        responders("invalid-before-signing", .refused(.revoked), .revoked(1, invalidSince: before)),
        responders(
            "invalid-at-signing",
            .refused(.revoked),
            .revoked(1, invalidSince: EnvelopeRecipe.signingTime)
        ),
        responders(
            "on-hold-invalid-after-signing",
            .refused(.revoked),
            ofAuthority: .accepted(),
            .revoked(6, invalidSince: after)
        ),
    ]

    private static let ofResponseTimes: [RevocationEntry] = [
        responders("stale", .refused(.revocationUnknown), .ocsp { $0.nextUpdate = $1.hoursAgo(0.5) }).sampled,
        responders(
            "stale-and-revoked",
            .refused(.revocationUnknown),
            .ocsp {
                $0.status = .revoked($1.hoursAgo(50), reason: 1)
                $0.nextUpdate = $1.hoursAgo(0.5)
            }
        ),
        responders("without-end", .refused(.revocationUnknown), .ocsp { recipe, _ in recipe.nextUpdate = nil }),
        responders(
            "of-the-future",
            .stricter(.revocationOfTheFuture, .revocationUnknown),
            .ocsp {
                $0.thisUpdate = $1.hoursAgo(-2)
                $0.producedAt = $1.hoursAgo(-2)
            }
        ),
        responders(
            "produced-in-the-future",
            .stricter(.revocationOfTheFuture, .revocationUnknown),
            .ocsp { $0.producedAt = $1.hoursAgo(-2) }
        ),
        responders("clock-slightly-ahead", .accepted(), .ocsp { $0.thisUpdate = $1.hoursAgo(-0.05) }),
    ]

    private static let ofResponseForms: [RevocationEntry] = [
        // Nobody sent a nonce: one in the response says nothing.
        responders(
            "nonce-that-nobody-sent",
            .accepted(),
            .ocsp { recipe, _ in
                recipe.responseExtensions = [
                    .init("1.3.6.1.5.5.7.48.1.2", isCritical: false, value: DERWriter.octetString([1, 2, 3, 4]))
                ]
            }
        ),
        responders(
            "critical-extension-of-the-answer",
            .refused(.revocationUnknown),
            .ocsp { recipe, _ in recipe.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: true, value: [5, 0])] }
        ),
        responders(
            "critical-extension-of-the-response",
            .stricter(.revocationCriticalExtension, .revocationUnknown),
            .ocsp { recipe, _ in
                recipe.responseExtensions = [.init("1.3.6.1.4.1.99999.1", isCritical: true, value: [5, 0])]
            }
        ),
        responders(
            "another-certificate",
            .refused(.revocationUnknown),
            .ocsp { recipe, _ in recipe.serialNumber += 1 }
        ).sampled,
        responders(
            "same-number-of-another-issuer",
            .stricter(.ocspCertificateID, .revocationUnknown),
            .ocsp { recipe, _ in recipe.namedIssuer = try ChainFlaw.stranger() }
        ),
        responders("named-by-sha256", .accepted(), .ocsp { recipe, _ in recipe.hash = .sha256 }),
        responders("named-by-unknown-hash", .refused(.revocationUnknown), .ocsp { recipe, _ in recipe.hash = .md5 }),
        responders("try-later", .refused(.revocationUnknown), .ocsp { recipe, _ in recipe.responseStatus = 3 }),
        responders("unauthorized", .refused(.revocationUnknown), .ocsp { recipe, _ in recipe.responseStatus = 6 }),
        responders("malformed", .refused(.revocationUnknown), .always(.body([0x30, 0x03, 0x02]))).sampled,
        responders("empty", .refused(.revocationUnknown), .always(.body([]))),
        responders("a-page", .refused(.revocationUnknown), .always(.body(Array("<html>good</html>".utf8)))),
        responders("oversized", .refused(.revocationUnknown), .always(.endless)),
    ]

    private static let ofSigners: [RevocationEntry] = [
        responders("named-by-key", .accepted(), .ocsp { recipe, _ in recipe.isNamedByKey = true }),
        responders(
            "responder-of-another-name",
            .stricter(.ocspResponder, .revocationUnknown),
            .ocsp { recipe, _ in recipe.responderName = CertificateRecipe.encoded(CertificateRecipe.name("Somebody")) }
        ),
        responders(
            "broken-signature",
            .refused(.revocationUnknown),
            .ocsp { recipe, _ in recipe.hasBrokenSignature = true }
        ),
        responders(
            "signed-with-sha1",
            .stricter(.revocationSHA1, .revocationUnknown),
            .ocsp { recipe, _ in recipe.signature = .ecdsaSHA1 }
        ),
        responders(
            "by-a-stranger",
            .refused(.revocationUnknown),
            .answering { scene in
                var recipe = OCSPRecipe(scene.serialNumber, now: scene.now)
                recipe.namedIssuer = scene.issuer
                return .body(try recipe.respond(ChainFlaw.stranger()))
            }
        ).sampled,
        responders("delegated", .accepted(), .delegated { try $0.delegate() }).sampled,
        responders(
            "delegated-and-revoked",
            .refused(.revoked),
            .delegated({ try $0.delegate() }) { $0.status = .revoked($1.hoursAgo(2), reason: 1) }
        ),
        responders(
            "delegated-without-usage",
            .stricter(.ocspResponder, .revocationUnknown),
            .delegated { try $0.delegate { $0.extendedKeyUsages = [] } }
        ).sampled,
        responders(
            "delegated-for-code-signing",
            .stricter(.ocspResponder, .revocationUnknown),
            .delegated { try $0.delegate { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.3"] } }
        ),
        responders(
            "delegated-expired",
            .stricter(.ocspResponder, .revocationUnknown),
            .delegated { scene in try scene.delegate { $0.notAfter = scene.hoursAgo(1) } }
        ),
        responders(
            "delegated-not-yet-valid",
            .stricter(.ocspResponder, .revocationUnknown),
            .delegated { scene in try scene.delegate { $0.notBefore = scene.hoursAgo(-1) } }
        ),
        responders(
            "delegated-by-a-stranger",
            .refused(.revocationUnknown),
            .delegated { try $0.delegate(by: ChainFlaw.stranger()) }
        ),
        responders(
            "delegated-without-its-certificate",
            .refused(.revocationUnknown),
            .delegated({ try $0.delegate() }) { recipe, _ in recipe.certificates = [] }
        ),
        responders(
            "delegated-without-nocheck",
            .accepted(),
            .delegated { try $0.delegate { $0.extensions = [] } }
        ),
        responders(
            "delegated-to-be-asked-about",
            .stricter(.ocspResponder, .revocationUnknown),
            .delegated {
                try $0.delegate {
                    $0.extensions = []
                    $0.ocspURL = "http://127.0.0.1:1/"
                }
            }
        ),
    ]

    private static let ofConnections: [RevocationEntry] = [
        responders("unreachable", .refused(.revocationUnknown), .deaf).sampled,
        responders("silent", .refused(.revocationUnknown), .silent),
        responders("hung-up", .refused(.revocationUnknown), .always(.hangUp)),
        responders("not-found", .refused(.revocationUnknown), .always(.status(404))),
        responders("in-trouble", .refused(.revocationUnknown), .always(.status(500))),
        responders("https", .refused(.revocationUnknown), .elsewhere("https://127.0.0.1:1/")),
        responders("ldap", .refused(.revocationUnknown), .elsewhere("ldap://127.0.0.1/")),
        responders("no-url", .refused(.revocationUnknown), .elsewhere("responder")),
        responders("first-unreachable", .accepted(), .deaf, .ocsp()),
        responders("first-malformed", .accepted(), .always(.body([1])), .ocsp()),
        responders("first-good", .accepted(), .ocsp(), .revoked(1)),
        responders("first-unreachable-second-revoked", .refused(.revoked), .deaf, .revoked(1)),
        responders(
            "first-unknown-second-good",
            .refused(.revocationUnknown),
            .ocsp { r, _ in r.status = .unknown },
            .ocsp()
        ),
        responders("first-stale-second-good", .accepted(), .ocsp { $0.nextUpdate = $1.hoursAgo(0.5) }, .ocsp()),
    ]
}
