/// A block of IP addresses in CIDR notation (RFC 4632), such as `10.0.0.0/8` or `fd00::/8`.
public struct NetworkRange: Sendable, Hashable {
    /// The first address of the block; bits past the prefix are not looked at.
    public let base: IPAddress
    /// How many leading bits are the same for every address of the block.
    public let prefixLength: Int

    /// Parses `address/length`; `nil` if it is not one.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPAddress(parts[0]), (1...3).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
            length <= base.bitWidth
        else { return nil }
        self.base = base
        prefixLength = length
    }

    /// Whether the address is in the block.
    ///
    /// An IPv4-mapped address counts as the version 4 address it holds.
    public func contains(_ address: IPAddress) -> Bool {
        switch (base, base.bitWidth == 32 ? address.embedded : address) {
        case (.v4(let base), .v4(let value)):
            return Self.agree(UInt64(base) << 32, UInt64(value) << 32, on: prefixLength)
        case (.v6(let baseHigh, let baseLow), .v6(let high, let low)):
            return Self.agree(baseHigh, high, on: min(prefixLength, 64))
                && Self.agree(baseLow, low, on: max(prefixLength - 64, 0))
        default:
            return false
        }
    }

    private static func agree(_ first: UInt64, _ second: UInt64, on bits: Int) -> Bool {
        bits == 0 || (first ^ second) >> UInt64(64 - bits) == 0
    }
}
