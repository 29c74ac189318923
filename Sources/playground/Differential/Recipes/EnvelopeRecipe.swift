import FoundationEssentials
import OCIModel
import SigningTestDescriptors
import SigningTestKit

/// An envelope to be made: format, scheme, chain, and one flaw at most.
struct EnvelopeRecipe: Sendable {
    /// The two signing schemes.
    enum Scheme: String, Sendable, CaseIterable {
        case x509
        case signingAuthority = "authority"

        /// The type of trust store that vouches for signers of the scheme.
        var storeKind: String { self == .x509 ? "ca" : "signingAuthority" }
    }

    var format: TestSignature.Format
    var scheme = Scheme.x509
    var chain = ChainRecipe()
    var flaw: EnvelopeFlaw?
    /// Makes the timestamp token for the value of the signature.
    var stamp: (@Sendable ([UInt8]) throws -> [UInt8])?

    /// When signing authorities signed, unless a flaw says otherwise: 2026-01-01.
    static let signingTime = Date(timeIntervalSince1970: 1_767_225_600)
    /// After that, and before now.
    static let soonAfter = Date(timeIntervalSince1970: 1_767_229_200)

    /// Makes it, about `subject`.
    func make(about subject: Descriptor, chain: MadeChain) throws -> [UInt8] {
        var request = SigningRequest(subject)
        if scheme == .signingAuthority { request = request.bySigningAuthority(at: Self.signingTime) }
        flaw?.request?(&request)
        if let payload = flaw?.payload { request.payload = Array(payload(subject).utf8) }
        switch format {
        case .jws:
            var recipe = JWSRecipe(request, chain: chain.sent)
            recipe.key = chain.key
            flaw?.jws?(&recipe)
            if let stamp { recipe.setTimestamp(try stamp(recipe.pinSignature())) }
            let envelope = try recipe.envelope()
            return flaw?.jwsText.map { Array($0(String(decoding: envelope, as: UTF8.self)).utf8) } ?? envelope
        case .cose:
            var recipe = COSERecipe(request, chain: chain.sent)
            recipe.key = chain.key
            flaw?.cose?(&recipe)
            if let stamp {
                let token = try stamp(recipe.pinSignature())
                recipe.setUnprotected(.text("io.cncf.notary.timestampSignature"), .bytes(token))
            }
            return try recipe.envelope()
        }
    }
}

/// One thing that is unusual about an envelope, and what follows from it.
///
/// Without a change for a format it does not exist there, unless it changes the request or the payload, which both share.
struct EnvelopeFlaw: Sendable {
    let name: String
    var expected: Expected
    /// What is expected of COSE, if something else.
    var expectedOfCOSE: Expected?
    var schemes = EnvelopeRecipe.Scheme.allCases
    /// The kind of key that it needs.
    var key: TestKey.Kind?
    var isInSample = false
    var request: (@Sendable (inout SigningRequest) -> Void)?
    /// The whole payload.
    var payload: (@Sendable (Descriptor) -> String)?
    var jws: (@Sendable (inout JWSRecipe) -> Void)?
    /// Changes the text of the finished JWS.
    var jwsText: (@Sendable (String) -> String)?
    var cose: (@Sendable (inout COSERecipe) -> Void)?

    init(_ name: String, _ expected: Expected) {
        self.name = name
        self.expected = expected
    }

    /// The formats that it exists in.
    var formats: [TestSignature.Format] {
        if jws != nil || jwsText != nil { return cose == nil ? [.jws] : [.jws, .cose] }
        return cose == nil ? [.jws, .cose] : [.cose]
    }

    func expected(of format: TestSignature.Format) -> Expected {
        format == .cose ? expectedOfCOSE ?? expected : expected
    }
}
