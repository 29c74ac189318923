import Foundation
import NotaryVerification
import OCIModel
import SigningFormats
import SigningTestDescriptors
import SigningTestKit
import TestTiming
import Testing
import TrustModel

/// Timestamps of a real authority, `openssl ts`, and what `openssl ts -verify` says of the same tokens.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct OpenSSLTimestampTests {
    private static let subject = Descriptor(of: Array("{}".utf8), mediaType: .ociManifest)
    private let chain: TestChain
    private let signature: StampedSignature

    init() throws {
        chain = try TestChain.make()
        signature = try StampedSignature(SigningRequest(Self.subject), chain: chain, format: .jws)
    }

    private func judge(_ token: [UInt8], root: String) throws -> SignatureOutcome {
        let trust = NotaryTrust(
            level: .strict,
            trustedIdentities: ["*"],
            trustStores: [
                TrustStore(kind: .ca, name: "signers", certificates: [chain.root.der]),
                TrustStore(
                    kind: .tsa,
                    name: "clock",
                    certificates: try TrustStoreCertificates.parse(Array(root.utf8), kind: .tsa)
                ),
            ]
        )
        let envelope = try signature.envelope(token: token)
        let evidence = SignatureEvidence(
            manifestDigest: Digest.of(envelope),
            mediaType: .jose,
            envelope: envelope
        )
        return try NotaryVerifier(trust: trust).verify(evidence, subject: Self.subject, now: Date())
    }

    @Test("its tokens are accepted, whatever its key, hashes and settings", arguments: OpenSSLAuthority.Key.allCases)
    func accepted(key: OpenSSLAuthority.Key) async throws {
        try await Workspace.with { workspace in
            let digest = [.p384: "sha384", .p521: "sha512", .rsa3072: "sha384"][key] ?? "sha256"
            let settings = """
                accuracy = secs:1, millisecs:500, microsecs:100
                clock_precision_digits = 6
                ordering = yes
                tsa_name = yes
                ess_cert_id_chain = yes
                """
            let authority = try await OpenSSLAuthority(workspace, "clock", key: key, digest: digest, settings: settings)
            let before = Date().addingTimeInterval(-1)
            let token = try await authority.token(for: signature.value, hash: digest)
            let outcome = try judge(token, root: authority.root)
            #expect(outcome.verdict == .trusted, "\(outcome.message)")
            let timestamp = try #require(outcome.timestamp)
            #expect(timestamp.time >= before && timestamp.time <= Date())
            #expect(timestamp.info.accuracy == .microseconds(1_500_100))
            #expect(timestamp.authority == "CN=clock signer,O=Clock,ST=WA,C=US")
            #expect(try await authority.accepts(token, for: signature.value))
            // Of something else neither says that it holds.
            let other = try await authority.token(for: [1, 2, 3])
            #expect(try judge(other, root: authority.root).reason == .timestampInvalid)
            #expect(try await !authority.accepts(other, for: signature.value))
        }
    }

    @Test("with few settings, and with SHA-1, which openssl still takes")
    func plain() async throws {
        try await Workspace.with { workspace in
            let authority = try await OpenSSLAuthority(workspace, "clock")
            let token = try await authority.token(for: signature.value)
            let outcome = try judge(token, root: authority.root)
            #expect(outcome.verdict == .trusted, "\(outcome.message)")
            #expect(outcome.timestamp?.info.accuracy == .zero)
            let weak = try await authority.token(for: signature.value, hash: "sha1")
            #expect(try await authority.accepts(weak, for: signature.value))
            #expect(try judge(weak, root: authority.root).message.contains("1.3.14.3.2.26"))
            let stranger = try await OpenSSLAuthority(workspace, "stranger")
            #expect(try judge(token, root: stranger.root).reason == .timestampUnavailable)
            #expect(try await !stranger.accepts(token, for: signature.value))
        }
    }

    @Test("an altered token that openssl refuses is refused here, unless nobody signed what was altered")
    func altered() async throws {
        var random = SeededGenerator(seed: testSeed("altered openssl tokens"))
        try await Workspace.with { workspace in
            let authority = try await OpenSSLAuthority(workspace, "clock", settings: "accuracy = secs:1")
            let token = try await authority.token(for: signature.value)
            let good = try #require(try judge(token, root: authority.root).timestamp)
            for _ in 0..<150 {
                let bit = Int.random(in: 0..<token.count * 8, using: &random)
                var altered = token
                altered[bit / 8] ^= 1 << UInt8(bit % 8)
                let outcome = try judge(altered, root: authority.root)
                let isAccepted = try await authority.accepts(altered, for: signature.value)
                guard outcome.verdict == .trusted else { continue }
                #expect(isAccepted || outcome.timestamp == good, "bit \(bit) of \(Data(token).base64EncodedString())")
                #expect(outcome.timestamp?.info == good.info, "bit \(bit)")
            }
        }
    }
}
