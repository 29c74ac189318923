/// An IP address written as a literal, parsed strictly.
///
/// Only the canonical spellings are accepted: four decimal octets without leading zeros for version 4, RFC 4291 §2.2
/// text for version 6 (no zone). The lenient forms that `inet_aton` takes (`127.1`, `0x7f000001`) are refused, because a
/// check that reads them as names and a resolver that reads them as addresses would disagree.
public enum IPAddress: Sendable, Hashable {
    /// A version 4 address, in host byte order.
    case v4(UInt32)
    /// A version 6 address: its upper and lower 64 bits.
    case v6(UInt64, UInt64)

    /// Parses a literal; `nil` if it is none.
    ///
    /// Version 6 is written without brackets.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(of: text) else { return nil }
            self = .v6(Self.word(groups.prefix(4)), Self.word(groups.dropFirst(4)))
        } else {
            guard let value = Self.octets(of: text) else { return nil }
            self = .v4(value)
        }
    }

    /// The address as the host of a URL: version 6 in brackets.
    var authority: String {
        switch self {
        case .v4(let value):
            return (0..<4).map { "\(value >> (24 - 8 * UInt32($0)) & 0xff)" }.joined(separator: ".")
        case .v6(let high, let low):
            let groups = [high, low].flatMap { word in (0..<4).map { word >> (48 - 16 * UInt64($0)) & 0xffff } }
            return "[\(groups.map { String($0, radix: 16) }.joined(separator: ":"))]"
        }
    }

    /// How many bits the address has: 32 or 128.
    public var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The version 4 address that is written inside this one: IPv4-mapped (RFC 4291 §2.5.5.2) or NAT64 (RFC 6052 §2.1).
    var embedded: IPAddress {
        guard case .v6(let high, let low) = self else { return self }
        let isMapped = high == 0 && low >> 32 == 0xffff
        let isTranslated = high == 0x0064_ff9b_0000_0000 && low >> 32 == 0
        return isMapped || isTranslated ? .v4(UInt32(truncatingIfNeeded: low)) : self
    }

    /// Whether only this machine answers at the address: 127.0.0.0/8, `::1`, and the unspecified addresses, which
    /// connect to the machine itself.
    public var isLoopback: Bool {
        switch embedded {
        case .v4(let value): value >> 24 == 127 || value >> 24 == 0
        case .v6(let high, let low): high == 0 && low <= 1
        }
    }

    /// Whether the address is not for the public network: loopback, private (RFC 1918, RFC 4193), shared (RFC 6598),
    /// link-local (where clouds keep their metadata services), multicast or reserved.
    public var isInternal: Bool {
        if isLoopback { return true }
        switch embedded {
        case .v4(let value):
            return value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 || value >> 16 == 0xa9fe
                || value >> 22 == 0x191 || value >> 28 >= 0xe
        case .v6(let high, _):
            return high >> 57 == 0x7e || high >> 54 == 0x3fa || high >> 54 == 0x3fb || high >> 56 == 0xff
        }
    }

    /// Whether a cloud's metadata service may be at the address: it is link-local (RFC 3927, RFC 4291 §2.5.6), or known for
    /// one (`fd00:ec2::254`, `fd20:ce::254`, 100.100.100.200, 168.63.129.16).
    public var mayBeMetadataService: Bool {
        switch embedded {
        case .v4(let value): value >> 16 == 0xa9fe || value == 0x6464_64c8 || value == 0xa83f_8110
        case .v6(let high, let low):
            high >> 54 == 0x3fa || (high == 0xfd00_0ec2_0000_0000 && low == 0x254)
                || (high == 0xfd20_00ce_0000_0000 && low == 0x254)
        }
    }

    private static func octets(of text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || !part.hasPrefix("0"), let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func groups(of text: some StringProtocol) -> [UInt16]? {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (3...9).contains(halves.count) else { return nil }
        guard let gap = String(text).firstRange(ofPair: ":") else {
            return list(halves.map { String($0) }).flatMap { $0.count == 8 ? $0 : nil }
        }
        let bytes = Array(text.utf8)
        guard let front = list(pieces(bytes[..<gap]), isEnd: false),
            let back = list(pieces(bytes[(gap + 2)...])), front.count + back.count <= 7
        else { return nil }
        return front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    }

    private static func pieces(_ bytes: ArraySlice<UInt8>) -> [String] {
        if bytes.isEmpty { return [] }
        return bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads groups; where they end the address, the last may be written as a version 4 address.
    private static func list(_ parts: [String], isEnd: Bool = true) -> [UInt16]? {
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let value = octets(of: part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: value >> 16), UInt16(truncatingIfNeeded: value)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func word(_ groups: ArraySlice<UInt16>) -> UInt64 {
        groups.reduce(0) { $0 << 16 | UInt64($1) }
    }
}

extension String {
    /// The offset of the first doubled occurrence of an ASCII character, in bytes.
    fileprivate func firstRange(ofPair character: Unicode.Scalar) -> Int? {
        let byte = UInt8(ascii: character)
        let bytes = Array(utf8)
        return zip(bytes, bytes.dropFirst()).enumerated().first { $0.element.0 == byte && $0.element.1 == byte }?.offset
    }
}

extension UInt8 {
    /// Whether the byte is an ASCII hexadecimal digit.
    var isHexDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
