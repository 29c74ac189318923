import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestDescriptors
import SigningTestKit
import TrustModel

/// One image, one signer and one policy that fit each other; a test changes what it is about.
struct Scene {
    static let manifest = Array(#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#.utf8)
    /// 1 June 2026: inside every validity that the test kit makes by default.
    static let now = Date(timeIntervalSince1970: 1_780_272_000)

    var chain: TestChain
    var subject = Descriptor(of: manifest, mediaType: .ociManifest)
    var request: SigningRequest
    var trust: NotaryTrust
    var now = Scene.now

    init(chain: TestChain? = nil, level: VerificationLevel = .strict) throws {
        let chain = try chain ?? TestChain.make()
        self.chain = chain
        request = SigningRequest(subject)
        trust = NotaryTrust(
            level: level,
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Example"],
            trustStores: [TrustStore(kind: .ca, name: "acme", certificates: [chain.root.der])]
        )
    }

    /// Makes everything fit the signing-authority scheme.
    mutating func useSigningAuthority(at date: Date) {
        request = request.bySigningAuthority(at: date)
        trust.trustStores = [TrustStore(kind: .signingAuthority, name: "acme", certificates: [chain.root.der])]
    }

    func envelope(_ format: TestSignature.Format) throws -> [UInt8] {
        try TestSignature.sign(subject, chain: chain, format: format, request: request).envelope
    }

    func judge(format: TestSignature.Format = .jws) throws -> SignatureOutcome {
        try judge(envelope: envelope(format), format: format)
    }

    func judge(envelope: [UInt8], format: TestSignature.Format) throws -> SignatureOutcome {
        try judge(envelope: envelope, mediaType: MediaType(format.mediaType))
    }

    func judge(envelope: [UInt8], mediaType: MediaType) throws -> SignatureOutcome {
        try examine(envelope: envelope, mediaType: mediaType).conclude(with: RevocationEvidence())
    }

    /// The first part of a judgement.
    func examine(envelope: [UInt8]? = nil, mediaType: MediaType = .jose) throws -> SignatureExamination {
        let envelope = try envelope ?? self.envelope(.jws)
        let signature = TestSignature(subject: subject, envelope: envelope, mediaType: mediaType)
        let evidence = SignatureEvidence(
            manifestDigest: signature.descriptor.digest,
            mediaType: mediaType,
            envelope: envelope
        )
        return try NotaryVerifier(trust: trust).examine(evidence, subject: subject, now: now)
    }
}
