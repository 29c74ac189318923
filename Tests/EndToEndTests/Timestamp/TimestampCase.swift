import Foundation
import OCIModel
import SigningTestDescriptors
import SigningTestKit

/// A signature whose certificate has expired, with a timestamp that is good or has one flaw.
struct TimestampCase: Sendable {
    let name: String
    var format = TestSignature.Format.jws
    /// Whether the signature is good.
    var isGood = false
    /// Whether `notation` takes it although it is not.
    var isStricter = false
    /// The end of the validity of the signer's certificate; by default it has long expired.
    var notAfter = stamped.addingTimeInterval(3600)
    /// The token for a signature's value.
    let token: @Sendable ([UInt8]) throws -> [UInt8]?

    /// When the authority saw the signature: a year before the start of 2026, while the signer's certificate was valid.
    static let stamped = Date(timeIntervalSince1970: 1_748_736_000)

    static var signer: TestChain { get throws { try TestChain.make() } }
    static func authority(
        _ kind: TestKey.Kind = .p256,
        number: Int = 7,
        _ change: (inout CertificateRecipe) -> Void = { _ in }
    ) throws -> TestChain {
        var leaf = CertificateRecipe.timestamping()
        change(&leaf)
        return try TestChain.make(kind, number: number, leaf: leaf)
    }

    /// The roots of the authorities that are trusted.
    static var roots: [TestCertificate] {
        get throws { [try authority().root, try authority(.rsa2048, number: 8).root] }
    }

    func envelope(_ subject: Descriptor) throws -> [UInt8] {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = Self.stamped.addingTimeInterval(-3600)
        leaf.notAfter = notAfter
        let chain = try TestChain.make(leaf: leaf)
        let signature = try StampedSignature(SigningRequest(subject), chain: chain, format: format)
        return try signature.envelope(token: token(signature.value))
    }

    private static func info(
        _ name: String,
        isGood: Bool = false,
        isStricter: Bool = false,
        at date: Date = stamped,
        by chain: TestChain? = nil,
        _ change: @escaping @Sendable (inout TimestampInfoRecipe) -> Void = { _ in }
    ) throws -> TimestampCase {
        let chain = try chain ?? authority()
        return TimestampCase(name: name, isGood: isGood, isStricter: isStricter) {
            try TimestampRecipe(of: $0, at: date, by: chain, change: change).token()
        }
    }

    private static func token(
        _ name: String,
        isGood: Bool = false,
        isStricter: Bool = false,
        by chain: TestChain? = nil,
        _ change: @escaping @Sendable (inout TimestampRecipe) throws -> Void
    ) throws -> TimestampCase {
        let chain = try chain ?? authority()
        return TimestampCase(name: name, isGood: isGood, isStricter: isStricter) {
            var recipe = TimestampRecipe(of: $0, at: stamped, by: chain)
            try change(&recipe)
            return try recipe.token()
        }
    }

    static func all() throws -> [TimestampCase] {
        try informationCases() + signerCases() + chainCases() + formatCases()
    }

    private static func informationCases() throws -> [TimestampCase] {
        var cose = try info("good, COSE", isGood: true)
        cose.format = .cose
        let end = stamped.addingTimeInterval(3600)
        var future = try info("in the future", isStricter: true, at: Date().addingTimeInterval(86_400))
        future.notAfter = Date().addingTimeInterval(7 * 86_400)
        return [
            try info("good", isGood: true), cose, future,
            try info("good, RSA", isGood: true, by: authority(.rsa2048, number: 8)),
            try info("at the last second", isGood: true, at: end),
            try info("a second late", at: end.addingTimeInterval(1)),
            try info("a second early", at: stamped.addingTimeInterval(-3601)),
            try info("accuracy that reaches the end", isGood: true, at: end.addingTimeInterval(-1)) {
                $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 1)
            },
            try info("accuracy that passes the end", at: end.addingTimeInterval(-1)) {
                $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 1, micros: 1)
            },
            try info("the baseline policy's second", at: end) { $0.policy = "0.4.0.2023.1.1" },
            try info("not ordered, and saying so", isGood: true) { $0.tail = DERWriter.boolean(false) },
            try info("a fraction", isGood: true) { $0.time = "20250601000000.25Z" },
            try info("a fraction with a trailing zero") { $0.time = "20250601000000.250Z" },
            try info("about something else") { $0.imprint[0] ^= 1 },
            try info("version 2") { $0.version = 2 },
            try info("a critical extension", isStricter: true) {
                $0.tail = TimestampInfoRecipe.extensions("1.3.6.1.4.1.32473.9", isCritical: true)
            },
            TimestampCase(name: "SHA-1") {
                let info = TimestampInfoRecipe(of: $0, at: stamped, hash: .sha1)
                return try TimestampRecipe(info, by: authority()).token()
            },
        ]
    }

    private static func signerCases() throws -> [TimestampCase] {
        let stranger = try authority(number: 11)
        return [
            try token("signed by another key") { $0.signers[0].key = stranger.key },
            try token("signer of version 3") { $0.signers[0].version = 3 },
            try token("without attributes") { $0.signers[0].attributes = [] },
            try token("without a content type") { $0.signers[0].remove("1.2.840.113549.1.9.3") },
            try token("without a digest") { $0.signers[0].remove("1.2.840.113549.1.9.4") },
            try token("without a certificate's hash") {
                $0.signers[0].remove(TimestampSignerRecipe.signingCertificateV2)
            },
            try token("another certificate's hash") {
                let value = TimestampSignerRecipe.signingCertificate(hash: .sha256, of: stranger.leaf.der)
                $0.signers[0].set(.init(TimestampSignerRecipe.signingCertificateV2, value))
            },
            try token("exchanged content") { $0.content[$0.content.count - 5] ^= 1 },
            try token("two signers, the first one bad", isGood: true) {
                $0.certificates += stranger.der
                $0.signers.insert(TimestampSignerRecipe(stranger.leaf, content: $0.content), at: 0)
            },
            try token("attributes in another order", isGood: true) { $0.signers[0].isSorted = false },
            try token("signed with SHA-1", by: authority(.rsa2048, number: 8)) { $0.signers[0].signature = .rsaSHA1 },
            try token("signed with RSASSA-PSS", isGood: true, by: authority(.rsa2048, number: 8)) {
                $0.signers[0].signature = .pssSHA256
            },
            try token("RSASSA-PSS and another digest", by: authority(.rsa2048, number: 8)) {
                $0.signers[0].signature = .pssSHA384
            },
            try token("a twin of the certificate before it") {
                var twin = CertificateRecipe.timestamping()
                twin.notAfter = twin.notAfter.addingTimeInterval(1)
                let authority = try authority()
                $0.certificates.insert(try twin.issue(authority.key, by: authority.certificates[1]).der, at: 0)
            },
            try token("signing time outside the validity") {
                $0.signers[0].setSigningTime(Date(timeIntervalSince1970: 2_100_000_000))
            },
        ]
    }

    private static func chainCases() throws -> [TimestampCase] {
        [
            try info("a stranger's authority", by: authority(number: 11)),
            try info("extended key usage not critical", by: authority { $0.isExtendedKeyUsageCritical = false }),
            try info("one extended key usage more", by: authority { $0.extendedKeyUsages.append("1.3.6.1.5.5.7.3.3") }),
            try info("no extended key usage", by: authority { $0.extendedKeyUsages = [] }),
            try info("key usage not critical", isGood: true, by: authority { $0.isKeyUsageCritical = false }),
            try info("a key usage too many", by: authority { $0.keyUsage = [.digitalSignature, .keyEncipherment] }),
            try info("an authority that has expired since", isGood: true, by: authority { $0.notAfter = stamped }),
            try info(
                "an authority that had expired",
                by: authority { $0.notAfter = stamped.addingTimeInterval(-1) }
            ),
            try token("without certificates") { $0.certificates = [] },
            try token("without the CA") { $0.certificates.remove(at: 1) },
            try token("without the root", isGood: true) { $0.certificates.removeLast() },
        ]
    }

    private static func formatCases() throws -> [TimestampCase] {
        let ber = try token("a length that is longer than need be", isStricter: true) { _ in }
        return [
            TimestampCase(name: "no timestamp") { _ in nil }, TimestampCase(name: "rubbish") { _ in [1, 2, 3] },
            TimestampCase(name: ber.name, isStricter: true) { value in
                try ber.token(value).map { [0x30, 0x83, 0x00] + $0[2...] }
            },
            try token("signed data of version 1") { $0.version = 1 },
            try token("another content type") { $0.contentType = "1.2.840.113549.1.7.1" },
        ]
    }
}

extension RealRegistry {
    /// What a pushed image's manifest is.
    func descriptor(_ image: String) async throws -> Descriptor {
        let manifest = try await workspace.tool("oras", ["manifest", "fetch", "--plain-http", image])
        return Descriptor(of: Array(manifest.utf8), mediaType: .ociManifest)
    }

    /// Attaches an envelope as a signature.
    func attach(_ envelope: [UInt8], _ format: TestSignature.Format, to image: String) async throws {
        try Data(envelope).write(to: URL(filePath: "\(workspace.path)/envelope"))
        try await workspace.tool(
            "oras",
            [
                "attach", "--plain-http", "--artifact-type", "application/vnd.cncf.notary.signature", image,
                "envelope:\(format.mediaType)",
            ]
        )
    }
}
