/// An envelope that is signed once and gets its timestamp afterwards, as a signer does it.
///
/// The value of an ECDSA or PSS signature differs each time, so it has to be kept.
public struct StampedSignature: Sendable {
    private enum Recipe {
        case jws(JWSRecipe)
        case cose(COSERecipe)
    }

    private let recipe: Recipe
    /// The value of the signature: what a timestamp must be about.
    public let value: [UInt8]

    /// Signs.
    public init(_ request: SigningRequest, chain: TestChain, format: TestSignature.Format) throws {
        switch format {
        case .jws:
            var recipe = JWSRecipe(request, chain: chain)
            value = try recipe.pinSignature()
            self.recipe = .jws(recipe)
        case .cose:
            var recipe = COSERecipe(request, chain: chain)
            value = try recipe.pinSignature()
            self.recipe = .cose(recipe)
        }
    }

    /// The envelope with this token, of any bytes, or without one.
    public func envelope(token: [UInt8]?) throws -> [UInt8] {
        switch recipe {
        case .jws(var recipe):
            if let token { recipe.setTimestamp(token) }
            return try recipe.envelope()
        case .cose(var recipe):
            if let token {
                recipe.setUnprotected(.text("io.cncf.notary.timestampSignature"), .bytes(token))
            }
            return try recipe.envelope()
        }
    }
}
