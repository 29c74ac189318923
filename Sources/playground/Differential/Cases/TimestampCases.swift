import Foundation
import SigningTestKit

/// Signatures with timestamps, before, inside and after the validity of their certificates.
enum TimestampCases {
    typealias Stamp = @Sendable ([UInt8]) throws -> [UInt8]

    /// When the authority saw the signature.
    private static let stamped = Date(timeIntervalSince1970: 1_748_736_000)
    private static let start = stamped.addingTimeInterval(-3600)
    /// The end of the validity of the signer's certificate, long ago.
    private static let end = stamped.addingTimeInterval(3600)

    /// The number of the usual authority's chain (``TestChain/make(_:intermediates:number:leaf:root:)``).
    static let usualNumber = 7

    /// A time-stamping authority.
    private struct Authority: Sendable {
        var kind = TestKey.Kind.p256
        var number = TimestampCases.usualNumber
        /// Changes its certificate.
        var leaf: (@Sendable (inout CertificateRecipe) -> Void)?

        static let usual = Authority()
        static let rsa = Authority(kind: .rsa2048, number: 8)
        static let stranger = Authority(number: 11)

        static func with(_ leaf: @escaping @Sendable (inout CertificateRecipe) -> Void) -> Authority {
            Authority(leaf: leaf)
        }

        func chain() throws -> TestChain {
            var recipe = CertificateRecipe.timestamping()
            leaf?(&recipe)
            return try TestChain.make(kind, number: number, leaf: recipe)
        }
    }

    /// The roots of those that are trusted.
    static var roots: [TestCertificate] {
        get throws { [try Authority.usual.chain().root, try Authority.rsa.chain().root] }
    }

    static var all: [DifferentialCase] {
        let flaws = ofTimes + ofContents + ofSigners + ofAuthorities
        return flaws.enumerated().flatMap { index, flaw in
            TestSignature.Format.allCases.map { format in
                made(
                    "\(format)/\(flaw.name)",
                    format,
                    flaw.stamp,
                    flaw.expected,
                    isInSample: flaw.isInSample && format == (index.isMultiple(of: 2) ? .jws : .cose)
                )
            }
        } + ofPolicies
    }

    private static func made(
        _ name: String,
        _ format: TestSignature.Format,
        _ stamp: Stamp?,
        _ expected: Expected,
        scheme: EnvelopeRecipe.Scheme = .x509,
        begins: Date = start,
        expires: Date = end,
        isInSample: Bool = false,
        _ change: (inout TrustRecipe) -> Void = { _ in }
    ) -> DifferentialCase {
        var chain = ChainRecipe(leaf: {
            $0.notBefore = scheme == .x509 ? begins : $0.notBefore
            $0.notAfter = expires
        })
        if begins < start { chain.authority = { $1.notBefore = begins } }
        var trust = TrustRecipe(stores: [
            .init(kind: scheme.storeKind), .init(kind: "tsa", name: "clock", content: .clocks),
        ])
        change(&trust)
        return DifferentialCase(
            "timestamp/\(name)",
            signatures: [.made(EnvelopeRecipe(format: format, scheme: scheme, chain: chain, stamp: stamp))],
            trust: trust,
            expected: expected,
            isInSample: isInSample
        )
    }

    // MARK: What policies ask for

    private static var ofPolicies: [DifferentialCase] {
        let good: Stamp = { try TimestampRecipe(of: $0, at: stamped, by: Authority.usual.chain()).token() }
        let rubbish: Stamp = { _ in [1, 2, 3] }
        let still = Date(timeIntervalSince1970: 2_051_222_400)
        return [
            made("none", .jws, nil, .refused(.time), isInSample: true),
            made("none-and-valid", .cose, nil, .refused(.time), expires: still),
            made("none-after-expiry", .jws, nil, .refused(.time)) { $0.verifyTimestamp = "afterCertExpiry" },
            made("none-after-expiry-and-valid", .cose, nil, .accepted(), expires: still) {
                $0.verifyTimestamp = "afterCertExpiry"
            },
            made("good-always", .jws, good, .accepted()) { $0.verifyTimestamp = "always" },
            made("good-after-expiry", .cose, good, .accepted()) { $0.verifyTimestamp = "afterCertExpiry" },
            made("rubbish-after-expiry-and-valid", .jws, rubbish, .accepted(), expires: still) {
                $0.verifyTimestamp = "afterCertExpiry"
            },
            made("good-without-store", .jws, good, .refused(.time)) { $0.stores.removeLast() },
            made("good-with-empty-store", .jws, good, .refused(.configuration, notation: .time)) {
                $0.stores[1].content = .empty
            },
            made("good-with-missing-store", .cose, good, .refused(.configuration, notation: .time)) {
                $0.stores[1].content = .missing
            },
            made("good-with-stranger-in-store", .cose, good, .refused(.time)) { $0.stores[1].content = .stranger },
            made(
                "in-the-future",
                .jws,
                {
                    try TimestampRecipe(
                        of: $0,
                        at: Date(timeIntervalSince1970: 2_040_000_000),
                        by: Authority.usual.chain()
                    ).token()
                },
                .stricter(.timestampInTheFuture, .time),
                expires: still
            ),
            made(
                "accuracy-of-two-years",
                .cose,
                {
                    try TimestampRecipe(of: $0, at: stamped, by: Authority.usual.chain()) {
                        $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 2 * 31_622_400)
                    }
                    .token()
                },
                .stricter(.timestampAccuracy, .time),
                begins: Date(timeIntervalSince1970: 1_640_995_200),
                expires: still
            ),
            made("none-permissive", .jws, nil, .accepted(logged: ["authenticTimestamp"])) { $0.level = "permissive" },
            made("none-audit", .cose, nil, .accepted(logged: ["authenticTimestamp"])) { $0.level = "audit" },
            made("none-by-an-authority", .jws, nil, .accepted(), scheme: .signingAuthority, expires: still),
            made("rubbish-by-an-authority", .cose, rubbish, .accepted(), scheme: .signingAuthority, expires: still),
        ]
    }

    // MARK: Tokens

    private struct Flaw {
        let name: String
        let expected: Expected
        var isInSample = false
        let stamp: Stamp
    }

    private static func info(
        _ name: String,
        _ expected: Expected = .refused(.time),
        at date: Date = stamped,
        isInSample: Bool = false,
        by authority: Authority = .usual,
        _ change: @escaping @Sendable (inout TimestampInfoRecipe) -> Void = { _ in }
    ) -> Flaw {
        Flaw(name: name, expected: expected, isInSample: isInSample) {
            try TimestampRecipe(of: $0, at: date, by: authority.chain(), change: change).token()
        }
    }

    private static func token(
        _ name: String,
        _ expected: Expected = .refused(.time),
        by authority: Authority = .usual,
        _ change: @escaping @Sendable (inout TimestampRecipe) throws -> Void
    ) -> Flaw {
        Flaw(name: name, expected: expected) {
            var recipe = TimestampRecipe(of: $0, at: stamped, by: try authority.chain())
            try change(&recipe)
            return try recipe.token()
        }
    }

    private static let ofTimes: [Flaw] = [
        info("inside", .accepted(), isInSample: true),
        info("at-the-first-second", .accepted(), at: start), info("at-the-last-second", .accepted(), at: end),
        info("before", at: start.addingTimeInterval(-1), isInSample: true),
        info("after", at: end.addingTimeInterval(1), isInSample: true),
        info("accuracy-reaches-the-end", .accepted(), at: end.addingTimeInterval(-1)) {
            $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 1)
        },
        info("accuracy-passes-the-end", at: end.addingTimeInterval(-1)) {
            $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 1, micros: 1)
        },
        info("accuracy-of-the-baseline-policy", at: end) { $0.policy = "0.4.0.2023.1.1" },
        info("fraction", .accepted()) { $0.time = "20250601000000.25Z" },
        info("fraction-with-a-zero") { $0.time = "20250601000000.250Z" },
    ]

    private static let ofContents: [Flaw] = [
        info("about-something-else") { $0.imprint[0] ^= 1 },
        info("of-version-2") { $0.version = 2 },
        info("critical-extension", .stricter(.timestampCriticalExtension, .time)) {
            $0.tail = TimestampInfoRecipe.extensions("1.3.6.1.4.1.32473.9", isCritical: true)
        },
        Flaw(name: "sha1", expected: .refused(.time)) {
            try TimestampRecipe(TimestampInfoRecipe(of: $0, at: stamped, hash: .sha1), by: Authority.usual.chain())
                .token()
        },
        Flaw(name: "sha512", expected: .accepted()) {
            try TimestampRecipe(TimestampInfoRecipe(of: $0, at: stamped, hash: .sha512), by: Authority.usual.chain())
                .token()
        },
        Flaw(name: "rubbish", expected: .refused(.time)) { _ in [1, 2, 3] },
        Flaw(name: "length-not-shortest", expected: .stricter(.timestampNotDER, .time)) {
            // The length has two bytes; a third one says nothing.
            let token = try TimestampRecipe(of: $0, at: stamped, by: Authority.usual.chain()).token()
            return [0x30, 0x83, 0x00] + token[2...]
        },
        token("signed-data-of-version-1") { $0.version = 1 },
        token("another-content-type") { $0.contentType = "1.2.840.113549.1.7.1" },
        token("content-exchanged") { $0.content[$0.content.count - 5] ^= 1 },
    ]

    private static let ofSigners: [Flaw] = [
        token("signed-by-another-key") { $0.signers[0].key = try Authority.stranger.chain().leaf.key },
        token("signer-of-version-3") { $0.signers[0].version = 3 },
        token("without-attributes") { $0.signers[0].attributes = [] },
        token("without-content-type") { $0.signers[0].remove("1.2.840.113549.1.9.3") },
        token("without-digest") { $0.signers[0].remove("1.2.840.113549.1.9.4") },
        token("without-certificate-hash") { $0.signers[0].remove(TimestampSignerRecipe.signingCertificateV2) },
        token("signed-with-sha1", by: .rsa) { $0.signers[0].signature = .rsaSHA1 },
        token("signed-with-pss", .accepted(), by: .rsa) {
            $0.signers[0].signature = .pssSHA256
        },
        token("pss-of-another-hash", by: .rsa) { $0.signers[0].signature = .pssSHA512 },
        token("pss-naming-another-hash", .stricter(.timestampSignatureHash, .time), by: .rsa) {
            $0.signers[0].signature = .pssSHA256
            $0.signers[0].signatureIdentifier = CertificateSignature.pssSHA512.identifier
        },
        token("signing-time-outside") { $0.signers[0].setSigningTime(Date(timeIntervalSince1970: 2_100_000_000)) },
    ]

    private static let ofAuthorities: [Flaw] = [
        info("by-rsa", .accepted(), by: .rsa),
        info("by-a-stranger", isInSample: true, by: .stranger),
        info("usage-not-critical", .accepted(), by: .with { $0.isKeyUsageCritical = false }),
        info("usage-too-many", by: .with { $0.keyUsage = [.digitalSignature, .keyEncipherment] }),
        info("eku-not-critical", by: .with { $0.isExtendedKeyUsageCritical = false }),
        info("eku-missing", by: .with { $0.extendedKeyUsages = [] }),
        info("eku-one-more", by: .with { $0.extendedKeyUsages.append("1.3.6.1.5.5.7.3.3") }),
        info("eku-code-signing", by: .with { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.3"] }),
        info("authority-expired-since", .accepted(), by: .with { $0.notAfter = stamped }),
        info("authority-expired-before", by: .with { $0.notAfter = stamped.addingTimeInterval(-1) }),
        token("without-certificates") { $0.certificates = [] },
        token("without-the-ca") { $0.certificates.remove(at: 1) },
        token("without-the-root", .accepted()) { $0.certificates.removeLast() },
    ]
}
