/// A version of the server's storage, as far as versions can be compared.
///
/// Versions of one resource are decimal numbers without leading zeros, of any length (KEP-5504, and
/// `CompareResourceVersion` in apimachinery): the longer one is later, and of two equally long ones the greater. What is
/// written otherwise, such as the `0` that asks for any version, cannot be compared and is no value of this type.
/// Versions of different resources must not be compared.
public struct ResourceVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The version as the API writes it.
    public let description: String

    /// Reads a version; `nil` for an empty text, a leading zero, or anything but decimal digits.
    public init?(_ text: String) {
        guard let first = text.utf8.first, first != UInt8(ascii: "0"),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        description = text
    }

    /// Whether the left version is earlier.
    public static func < (left: ResourceVersion, right: ResourceVersion) -> Bool {
        let (leftLength, rightLength) = (left.description.utf8.count, right.description.utf8.count)
        guard leftLength == rightLength else { return leftLength < rightLength }
        return left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
