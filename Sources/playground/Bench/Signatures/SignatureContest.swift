import Foundation
import NotaryVerification
import OCIModel
import SigningTestDescriptors
import SigningTestKit
import TrustModel

/// Verifies one envelope again and again on one thread: bytes in memory, no network.
struct SignatureContest: Sendable {
    let kind: TestKey.Kind
    let format: TestSignature.Format
    /// Reads the chain of every envelope.
    private let verifier: NotaryVerifier
    /// Knows the chain from the second envelope on.
    private let knowing: NotaryVerifier
    private let evidence: SignatureEvidence
    private let subject: Descriptor

    /// How many signatures are checked for one envelope: its own, and those of signer, CA and root.
    static let operations = 4

    /// Makes the envelope, with a signer, a CA and a root that all have keys of one kind.
    ///
    /// - Throws: what making keys and signatures throws.
    init(_ kind: TestKey.Kind, _ format: TestSignature.Format) throws {
        self.kind = kind
        self.format = format
        let root = try CertificateRecipe.authority("Bench Root").issue(.shared(kind, 1))
        let authority = try CertificateRecipe.authority("Bench CA").issue(.shared(kind, 2), by: root)
        let leaf = try CertificateRecipe.leaf().issue(.shared(kind, 3), by: authority)
        subject = Descriptor(of: Array("{\"schemaVersion\":2}".utf8), mediaType: .ociManifest)
        let signature = try TestSignature.sign(subject, chain: TestChain([leaf, authority, root]), format: format)
        evidence = SignatureEvidence(
            manifestDigest: .of(signature.manifest),
            mediaType: MediaType(signature.mediaType),
            envelope: signature.envelope
        )
        let trust = NotaryTrust(
            level: .strict,
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Example"],
            trustStores: [TrustStore(kind: .ca, name: "bench", certificates: [root.der])]
        )
        verifier = try NotaryVerifier(trust: trust, chains: nil)
        knowing = try NotaryVerifier(trust: trust)
    }

    /// How large the envelope is, in bytes.
    var bytes: Int { evidence.envelope.count }

    /// Verifies for `seconds` of processor time.
    ///
    /// - Parameters:
    ///   - seconds: how long.
    ///   - knowsSigner: whether the signer's chain is known from earlier envelopes, as it is of all but the first image of
    ///     a signer; otherwise it is read and checked each time.
    /// - Returns: how many envelopes it is in a second of processor time.
    /// - Throws: ``DemoError`` when one does not come out as trusted.
    func rate(seconds: Double, knowsSigner: Bool = false) throws -> Double {
        let verifier = knowsSigner ? knowing : verifier
        let now = Date()
        var count = 0
        let start = Self.processorTime
        var elapsed = 0.0
        while elapsed < seconds {
            for _ in 0..<16 {
                guard verifier.verify(evidence, subject: subject, now: now).verdict == .trusted else {
                    throw DemoError(.toolFailed, "The envelope of \(kind.rawValue) is not trusted.")
                }
                count += 1
            }
            elapsed = Self.processorTime - start
        }
        return Double(count) / elapsed
    }

    /// What this process has used, in seconds; nothing else happens in it meanwhile.
    private static var processorTime: Double { Double(clock()) / 1_000_000 }
}
