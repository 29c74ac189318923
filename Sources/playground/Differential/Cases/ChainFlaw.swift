import FoundationEssentials
import SigningTestKit

/// One thing that is unusual about a certificate chain, and what follows from it.
struct ChainFlaw: Sendable {
    let name: String
    let expected: Expected
    let recipe: ChainRecipe
    /// What of the chain the trust store holds.
    var anchor = TrustRecipe.Content.root
    var isInSample = false

    /// Something about the leaf.
    static func leaf(
        _ name: String,
        _ expected: Expected,
        key: TestKey.Kind = .p256,
        intermediates: Int? = 1,
        _ change: @escaping @Sendable (inout CertificateRecipe) -> Void
    ) -> ChainFlaw {
        let recipe = ChainRecipe(key: key, intermediates: intermediates, leaf: change)
        return ChainFlaw(name: "leaf-" + name, expected: expected, recipe: recipe)
    }

    /// Something about a CA, 0 being the root.
    static func authority(
        _ index: Int,
        _ name: String,
        _ expected: Expected,
        intermediates: Int = 1,
        _ change: @escaping @Sendable (inout CertificateRecipe) -> Void
    ) -> ChainFlaw {
        let recipe = ChainRecipe(
            intermediates: intermediates,
            authority: { if $0 == index { change(&$1) } }
        )
        return ChainFlaw(name: (index == 0 ? "root-" : "ca-") + name, expected: expected, recipe: recipe)
    }

    /// Something about which certificates are there.
    static func order(
        _ name: String,
        _ expected: Expected,
        _ change: @escaping @Sendable ([TestCertificate]) throws -> [TestCertificate]
    ) -> ChainFlaw {
        ChainFlaw(name: name, expected: expected, recipe: ChainRecipe(arrange: change))
    }

    /// Something that changes how the trust store is filled.
    static func anchored(
        _ name: String,
        _ expected: Expected,
        intermediates: Int? = 1,
        by anchor: TrustRecipe.Content
    ) -> ChainFlaw {
        ChainFlaw(
            name: "anchor-" + name,
            expected: expected,
            recipe: ChainRecipe(intermediates: intermediates),
            anchor: anchor
        )
    }

    var sampled: ChainFlaw {
        var flaw = self
        flaw.isInSample = true
        return flaw
    }
}

extension ChainFlaw {
    static let all =
        ofPurposes + ofUsages + ofLeaves + ofForms + ofContents + ofAuthorities + ofValidity + ofOrders + ofAnchors

    private static let ofPurposes: [ChainFlaw] = [
        purpose("code-signing", "1.3.6.1.5.5.7.3.3", .accepted()),
        purpose("server-auth", "1.3.6.1.5.5.7.3.1", .refused(.integrity)).sampled,
        purpose("client-auth", "1.3.6.1.5.5.7.3.2", .refused(.integrity)),
        purpose("email-protection", "1.3.6.1.5.5.7.3.4", .refused(.integrity)),
        purpose("time-stamping", "1.3.6.1.5.5.7.3.8", .refused(.integrity)),
        purpose("ocsp-signing", "1.3.6.1.5.5.7.3.9", .refused(.integrity)),
        purpose("something-unknown", "1.3.6.1.4.1.311.10.3.13", .accepted()),
        purpose("any", "2.5.29.37.0", .stricter(.anyExtendedKeyUsage)).sampled,
        .leaf("eku-code-signing-and-server-auth", .refused(.integrity)) {
            $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.1"]
        },
    ]

    private static func purpose(_ name: String, _ oid: String, _ expected: Expected) -> ChainFlaw {
        .leaf("eku-" + name, expected) { $0.extendedKeyUsages = [oid] }
    }

    private static let ofUsages: [ChainFlaw] = [
        .leaf("usage-missing", .refused(.integrity)) { $0.keyUsage = nil },
        .leaf("usage-not-critical", .refused(.integrity)) { $0.isKeyUsageCritical = false },
        .leaf("usage-without-signing", .refused(.integrity)) { $0.keyUsage = [.contentCommitment] },
        usage("content-commitment", .contentCommitment, .accepted()),
        usage("key-encipherment", .keyEncipherment, .refused(.integrity)),
        usage("data-encipherment", .dataEncipherment, .refused(.integrity)),
        usage("key-agreement", .keyAgreement, .refused(.integrity)),
        usage("certificate-signing", .keyCertSign, .refused(.integrity)),
        usage("crl-signing", .cRLSign, .refused(.integrity)),
        usage("encipher-only", .encipherOnly, .refused(.integrity)),
        usage("decipher-only", .decipherOnly, .refused(.integrity)),
    ]

    private static func usage(
        _ name: String,
        _ usage: CertificateRecipe.KeyUsage,
        _ expected: Expected
    ) -> ChainFlaw {
        .leaf("usage-" + name, expected) { $0.keyUsage = [.digitalSignature, usage] }
    }

    private static let ofLeaves: [ChainFlaw] = [
        .leaf("constraints-no-ca", .accepted()) { $0.isAuthority = false },
        .leaf("constraints-ca", .refused(.integrity)) { $0.isAuthority = true },
        .leaf("name-in-a-string-that-is-none", .refused(.integrity)) {
            $0.subject.append([CertificateRecipe.NamePart("2.5.4.11", "a@b", tag: 0x13)])
        },
        .leaf("name-of-a-number", .refused(.integrity)) {
            $0.subject.append([CertificateRecipe.NamePart("2.5.4.11", "1", tag: 0x02)])
        },
        .leaf("name-in-teletex", .accepted()) {
            $0.subject.append([CertificateRecipe.NamePart("2.5.4.11", "a", tag: 0x14)])
        },
        .leaf("unknown-extension", .accepted()) {
            $0.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: false, value: [0x05, 0x00])]
        },
        .leaf("unknown-critical-extension", .stricter(.unknownCriticalExtension)) {
            $0.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: true, value: [0x05, 0x00])]
        }.sampled,
        .leaf("rsa-1024", .refused(.integrity), key: .rsa1024) { _ in },
        .leaf("rsa-2560", .refused(.integrity), key: .rsa2560) { _ in },
        .leaf("ed25519", .refused(.integrity), key: .ed25519) { _ in },
        .leaf("signed-with-sha1", .refused(.integrity)) { $0.signature = .ecdsaSHA1 },
        .leaf("self-signed-with-sha1", .stricter(.sha1SelfSignature, .configuration), key: .rsa2048, intermediates: nil)
        {
            $0.signature = .rsaSHA1
        },
        .leaf("broken-signature", .refused(.integrity)) { $0.hasBrokenSignature = true },
        .leaf("self-signed-broken-signature", .refused(.configuration, notation: .integrity), intermediates: nil) {
            $0.hasBrokenSignature = true
        },
        .leaf("other-issuer-name", .refused(.integrity)) {
            $0.issuerName = CertificateRecipe.encoded(CertificateRecipe.name("Somebody else"))
        },
        .leaf("self-signed-with-ca", .refused(.integrity), intermediates: nil) { $0.isAuthority = true },
    ]

    private static let ofAuthorities: [ChainFlaw] = [
        .authority(1, "constraints-missing", .refused(.integrity)) { $0.isAuthority = nil },
        .authority(1, "constraints-no-ca", .refused(.integrity)) { $0.isAuthority = false },
        .authority(0, "constraints-missing", .refused(.integrity)) { $0.isAuthority = nil },
        .authority(1, "usage-missing", .refused(.integrity)) { $0.keyUsage = nil },
        .authority(1, "usage-not-critical", .refused(.integrity)) { $0.isKeyUsageCritical = false },
        .authority(0, "usage-not-critical", .refused(.integrity)) { $0.isKeyUsageCritical = false },
        .authority(1, "usage-without-certificate-signing", .refused(.integrity)) {
            $0.keyUsage = [.digitalSignature, .cRLSign]
        }.sampled,
        .authority(1, "usage-with-more", .accepted()) { $0.keyUsage = [.digitalSignature, .keyCertSign, .cRLSign] },
        .authority(1, "path-length-0", .accepted()) { $0.pathLength = 0 },
        .authority(0, "path-length-0-one-ca", .refused(.integrity)) { $0.pathLength = 0 }.sampled,
        .authority(0, "path-length-0-no-ca", .accepted(), intermediates: 0) { $0.pathLength = 0 },
        .authority(0, "path-length-1-two-cas", .refused(.integrity), intermediates: 2) { $0.pathLength = 1 },
        .authority(0, "path-length-1-one-ca", .accepted()) { $0.pathLength = 1 },
        .authority(1, "path-length-0-of-two-cas", .refused(.integrity), intermediates: 2) { $0.pathLength = 0 },
        .authority(1, "eku-server-auth", .accepted()) { $0.extendedKeyUsages = ["1.3.6.1.5.5.7.3.1"] },
        .authority(1, "broken-signature", .refused(.integrity)) { $0.hasBrokenSignature = true },
        .authority(1, "signed-with-sha1", .refused(.integrity)) { $0.signature = .ecdsaSHA1 },
        .authority(1, "unknown-critical-extension", .stricter(.unknownCriticalExtension)) {
            $0.extensions = [.init("1.3.6.1.4.1.99999.1", isCritical: true, value: [0x05, 0x00])]
        },
    ]

    private static let ofValidity: [ChainFlaw] = [
        .leaf("expired", .refused(.time)) { $0.notAfter = past }.sampled,
        .leaf("not-yet-valid", .refused(.time)) { $0.notBefore = future },
        .authority(1, "expired", .refused(.time)) { $0.notAfter = past },
        .authority(1, "not-yet-valid", .refused(.time)) { $0.notBefore = future },
        .authority(0, "expired", .refused(.time)) { $0.notAfter = past },
        .leaf("valid-to-the-end-of-time", .accepted()) { $0.notAfter = Date(timeIntervalSince1970: 253_402_300_799) },
        .leaf("outlives-its-issuer", .accepted()) { $0.notAfter = Date(timeIntervalSince1970: 2_500_000_000) },
    ]

    /// After the signing authorities signed, and before now.
    private static let past = Date(timeIntervalSince1970: 1_768_000_000)
    private static let future = Date(timeIntervalSince1970: 2_040_000_000)

    private static let ofOrders: [ChainFlaw] = [
        .order("intermediate-missing", .refused(.integrity)) { [$0[0], $0[2]] }.sampled,
        .order("root-missing", .refused(.integrity)) { Array($0.dropLast()) },
        .order("leaf-alone", .refused(.integrity)) { [$0[0]] },
        .order("reversed", .refused(.integrity)) { $0.reversed() },
        .order("cas-in-the-wrong-order", .refused(.integrity)) { [$0[0], $0[2], $0[1]] },
        .order("root-twice", .refused(.integrity)) { $0 + [$0[2]] },
        .order("leaf-twice", .refused(.integrity)) { [$0[0]] + $0 },
        .order("stranger-after-the-root", .refused(.integrity)) { try $0 + [stranger()] },
        .order("stranger-instead-of-the-root", .refused(.integrity)) { try [$0[0], $0[1], stranger()] },
        ChainFlaw(
            name: "eleven-certificates",
            expected: .stricter(.sizeLimit),
            recipe: ChainRecipe(intermediates: 9)
        ),
        ChainFlaw(name: "ten-certificates", expected: .accepted(), recipe: ChainRecipe(intermediates: 8)),
    ]

    /// The root of another chain.
    static func stranger() throws -> TestCertificate { try ChainRecipe(number: 9).make().root }

    private static let ofAnchors: [ChainFlaw] = [
        .anchored("stranger", .refused(.authenticity), by: .stranger).sampled,
        .anchored("intermediate", .accepted(), by: .issuer),
        .anchored("leaf", .refused(.configuration, notation: .authenticity), by: .leaf),
        .anchored("self-signed-leaf", .accepted(), intermediates: nil, by: .leaf),
        .anchored("self-signed-stranger", .refused(.authenticity), intermediates: nil, by: .stranger),
        .anchored("reissued-root", .refused(.authenticity), by: .reissuedRoot),
        .anchored("stranger-and-root", .accepted(), by: .strangerAndRoot),
        .anchored("beside-an-unknown-key", .accepted(), by: .unknownKeyAndRoot),
        .anchored(
            "beside-an-unknown-curve",
            .refused(.configuration, notation: .authenticity),
            by: .unknownCurveAndRoot
        ),
        .anchored("beside-a-short-key", .refused(.configuration, notation: .authenticity), by: .shortKeyAndRoot),
        .anchored("der", .accepted(), by: .derRoot),
        .anchored("text-around", .accepted(), by: .textAroundRoot),
        .anchored("beside-a-key", .refused(.configuration, notation: .authenticity), by: .keyBesideRoot),
        .anchored("carriage-returns", .accepted(), by: .rootWithCarriageReturns),
        .anchored("cut-off", .refused(.configuration, notation: .authenticity), by: .rootCutOff),
        .anchored("der-and-more", .refused(.configuration, notation: .authenticity), by: .derRootAndMore),
        .anchored("root-twice", .accepted(), by: .rootTwice),
        .anchored("symbolic-link", .refused(.configuration, notation: .authenticity), by: .linkToRoot),
        .anchored("empty-store", .refused(.configuration, notation: .authenticity), by: .empty),
        .anchored("no-store", .refused(.configuration, notation: .authenticity), by: .missing),
        .anchored("rubbish", .refused(.configuration, notation: .authenticity), by: .rubbish),
        .anchored("folder-in-store", .refused(.configuration, notation: .authenticity), by: .rootBesideFolder),
    ]
}
