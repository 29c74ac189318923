import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningFormats
import SigningTestKit
import Testing
import TrustModel

/// A signature whose certificate has expired, carried by a timestamp; a test changes what it is about.
struct TimestampScene {
    /// When the authority saw the signature: while the signer's certificate was valid, a year before ``Scene/now``.
    static let stamped = Scene.now.addingTimeInterval(-365 * 86_400)
    /// The validity of the signer's certificate.
    static let validity = stamped.addingTimeInterval(-3600)...stamped.addingTimeInterval(3600)

    var scene: Scene
    var authority: TestChain
    let format: TestSignature.Format
    private let stamped: StampedSignature

    init(
        _ format: TestSignature.Format = .jws,
        authority: TestChain? = nil,
        validity: ClosedRange<Date> = validity,
        kind: TestKey.Kind = .p256
    ) throws {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = validity.lowerBound
        leaf.notAfter = validity.upperBound
        scene = try Scene(chain: TestChain.make(kind, leaf: leaf))
        let authority = try authority ?? Self.authority()
        self.authority = authority
        self.format = format
        let root = authority.root.der
        scene.trust.trustStores.append(TrustStore(kind: .tsa, name: "clock", certificates: [root]))
        stamped = try StampedSignature(scene.request, chain: scene.chain, format: format)
    }

    static func authority(
        _ kind: TestKey.Kind = .p256,
        intermediates: Int = 1,
        number: Int = 7,
        leaf: CertificateRecipe = .timestamping(),
        root: CertificateRecipe? = nil
    ) throws -> TestChain {
        try TestChain.make(kind, intermediates: intermediates, number: number, leaf: leaf, root: root)
    }

    /// The value of the signature: what the timestamp must be about.
    var signature: [UInt8] { stamped.value }

    /// A good token.
    func token(
        at date: Date = stamped,
        change: (inout TimestampInfoRecipe) -> Void = { _ in }
    ) throws -> TimestampRecipe {
        TimestampRecipe(of: signature, at: date, by: authority, change: change)
    }

    /// A token whose information is changed before it is signed.
    func judge(info change: (inout TimestampInfoRecipe) -> Void) throws -> SignatureOutcome {
        try judge(token(change: change).token())
    }

    /// A token that is changed before it is signed.
    func judge(changing change: (inout TimestampRecipe) throws -> Void) throws -> SignatureOutcome {
        var recipe = try token()
        try change(&recipe)
        return try judge(recipe.token())
    }

    /// A token whose only signer is changed before it signs.
    func judge(signer change: (inout TimestampSignerRecipe) throws -> Void) throws -> SignatureOutcome {
        try judge(changing: { try change(&$0.signers[0]) })
    }

    func judge() throws -> SignatureOutcome { try judge(token().token()) }

    /// The first part of a judgement.
    func examine(_ token: [UInt8]) throws -> SignatureExamination {
        try scene.examine(envelope: stamped.envelope(token: token), mediaType: MediaType(format.mediaType))
    }

    func judge(_ token: [UInt8]?) throws -> SignatureOutcome {
        try scene.judge(envelope: stamped.envelope(token: token), format: format)
    }
}

/// Expects that a timestamp does not carry a signature, and that the reason given is this one.
func expectInvalid(
    _ outcome: SignatureOutcome,
    _ words: String,
    reason: Reason = .timestampInvalid,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.reason == reason, "\(outcome.message)", sourceLocation: sourceLocation)
    #expect(
        outcome.verdict == (reason == .timestampUnavailable ? .unknown : .untrusted),
        "\(outcome.message)",
        sourceLocation: sourceLocation
    )
    #expect(outcome.message.contains(words), "\(outcome.message)", sourceLocation: sourceLocation)
    #expect(outcome.timestamp == nil, sourceLocation: sourceLocation)
}
