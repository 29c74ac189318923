public import FoundationEssentials

/// A time-stamping authority for tests: answers requests of RFC 3161 §2.4.1 with tokens of its own making.
public struct TestTimestampAuthority: Sendable {
    /// Its chain.
    public var chain: TestChain
    /// The time that it believes it is.
    public var now: @Sendable () -> Date
    /// Changes each token before it is made.
    public var change: @Sendable (inout TimestampRecipe) -> Void = { _ in }

    /// Creates an authority.
    public init(_ chain: TestChain, now: @escaping @Sendable () -> Date) {
        self.chain = chain
        self.now = now
    }

    /// The TimeStampResp to a TimeStampReq; a rejection (status 2) to anything else.
    public func answer(_ request: [UInt8]) -> [UInt8] {
        guard let info = Self.info(request, now: now()) else {
            return DERWriter.sequence(DERWriter.sequence(DERWriter.integer(2)))
        }
        var recipe = TimestampRecipe(info, by: chain)
        change(&recipe)
        guard let token = try? recipe.token() else {
            return DERWriter.sequence(DERWriter.sequence(DERWriter.integer(2)))
        }
        return DERWriter.sequence(DERWriter.sequence(DERWriter.integer(0)), token)
    }

    private static func info(_ request: [UInt8], now: Date) -> TimestampInfoRecipe? {
        var outer = Elements(request[...])
        guard let request = outer.next(0x30) else { return nil }
        var fields = Elements(request.content)
        guard fields.next(0x02) != nil, let imprint = fields.next(0x30) else { return nil }
        var parts = Elements(imprint.content)
        guard let algorithm = parts.next(0x30), let digest = parts.next(0x04) else { return nil }
        var names = Elements(algorithm.content)
        guard let name = names.next(0x06)?.whole,
            let hash = TestHash.allCases.first(where: { DERWriter.objectIdentifier($0.objectIdentifier) == name })
        else { return nil }
        _ = fields.next(0x06)
        let nonce = fields.next(0x02)?.whole ?? []
        return TimestampInfoRecipe(imprint: Array(digest.content), hash: hash, nonce: nonce, at: now)
    }

    /// The elements of a row of DER, one after the other.
    private struct Elements {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        /// The next element, if it has this tag.
        mutating func next(_ tag: UInt8) -> (whole: [UInt8], content: ArraySlice<UInt8>)? {
            guard rest.first == tag, let first = rest.dropFirst().first else { return nil }
            let extra = first & 0x80 == 0 ? 0 : Int(first & 0x7F)
            guard extra <= 3, rest.count >= 2 + extra else { return nil }
            let length =
                extra == 0 ? Int(first) : rest.dropFirst(2).prefix(extra).reduce(0) { $0 << 8 | Int($1) }
            let size = 2 + extra + length
            guard rest.count >= size else { return nil }
            defer { rest = rest.dropFirst(size) }
            return (Array(rest.prefix(size)), rest.prefix(size).dropFirst(2 + extra))
        }
    }
}
