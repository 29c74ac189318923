import Synchronization

/// Lets strings that occur over and over share their storage.
///
/// A cache of fixed size, not a table of everything ever seen: what no longer occurs is forgotten, and a flood of
/// different strings costs sharing, never memory.
public final class StringPool: Sendable {
    /// The longest string that is shared, in bytes.
    public static let longest = 1024
    /// Strings up to this length have no storage to share.
    private static let inline = 15

    private let mask: Int
    private let slots: Mutex<[String]>

    /// Creates an empty pool.
    ///
    /// - Parameter capacity: how many strings it holds at most, 16 bytes each beside the strings; rounded up to a power
    ///   of two, at most 1,048,576. Default 8192.
    public init(capacity: Int = 8192) {
        var size = 2
        while size < min(capacity, 1 << 20) { size *= 2 }
        mask = size - 1
        slots = Mutex(Array(repeating: "", count: size))
    }

    /// The string of these bytes; `nil` when they are no UTF-8.
    public func string(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count > Self.inline, bytes.count <= Self.longest else {
            return String(validating: bytes, as: UTF8.self)
        }
        let first = Self.hash(bytes) & mask
        return slots.withLock { slots in
            for slot in [first, first ^ 1] where Self.holds(slots[slot], bytes) { return slots[slot] }
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            // The newer of the two places is kept, the older given up.
            slots[first ^ 1] = slots[first]
            slots[first] = text
            return text
        }
    }

    /// A string equal to `text`, which shares its storage with others.
    public func string(_ text: String) -> String {
        var copy = text
        return copy.withUTF8 { string(UnsafeRawBufferPointer($0)) } ?? text
    }

    private static func holds(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard text.utf8.count == bytes.count else { return false }
        return text.utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) } ?? false
    }

    /// FNV-1a over words of eight bytes; spreads, and need not withstand anyone: collisions only cost sharing.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var offset = 0
        while bytes.count - offset >= 8 {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x100_0000_01B3
            hash ^= hash >> 29
            offset += 8
        }
        while offset < bytes.count {
            hash = (hash ^ UInt64(bytes[offset])) &* 0x100_0000_01B3
            offset += 1
        }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}
