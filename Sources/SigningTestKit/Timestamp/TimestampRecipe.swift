public import FoundationEssentials

/// A timestamp token to be made: right as it comes, and changeable in every part.
public struct TimestampRecipe: Sendable {
    static let infoType = "1.2.840.113549.1.9.16.1.4"

    /// The type of the token.
    public var outerType = "1.2.840.113549.1.7.2"
    /// The version of the signed data.
    public var version = 3
    /// The type of the content.
    public var contentType = infoType
    /// The content: a TSTInfo.
    public var content: [UInt8]
    /// The certificates, each as DER; empty leaves them out.
    public var certificates: [[UInt8]]
    /// The signers.
    public var signers: [TimestampSignerRecipe]

    /// A good token.
    ///
    /// - Parameters:
    ///   - bytes: what it is about: the value of a signature.
    ///   - date: when the authority saw it.
    ///   - chain: the authority's chain.
    ///   - change: changes what the authority says before it is signed.
    public init(
        of bytes: [UInt8],
        at date: Date,
        by chain: TestChain,
        change: (inout TimestampInfoRecipe) -> Void = { _ in }
    ) {
        var info = TimestampInfoRecipe(of: bytes, at: date)
        change(&info)
        self.init(info, by: chain)
    }

    /// A token that says `info`.
    public init(_ info: TimestampInfoRecipe, by chain: TestChain) {
        content = info.der
        certificates = chain.der
        signers = [TimestampSignerRecipe(chain.leaf, content: content)]
    }

    /// Makes the token.
    public func token() throws -> [UInt8] {
        let signedData = DERWriter.sequence(
            DERWriter.integer(version),
            DERWriter.element(0x31, Array(Set(signers.map(\.digest))).flatMap(\.identifier)),
            DERWriter.sequence(
                DERWriter.objectIdentifier(contentType),
                DERWriter.tagged(0, DERWriter.octetString(content))
            ),
            certificates.isEmpty ? [] : DERWriter.tagged(0, certificates.flatMap { $0 }),
            DERWriter.element(0x31, try signers.flatMap { try $0.der(content: content) })
        )
        return DERWriter.sequence(DERWriter.objectIdentifier(outerType), DERWriter.tagged(0, signedData))
    }
}
