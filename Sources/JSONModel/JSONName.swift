/// The name of a member, as it stands in the document.
///
/// Compare it with a literal in a `switch`; it must not be kept beyond the next use of its reader.
public struct JSONName {
    let bytes: UnsafeRawBufferPointer
    /// The name in clear, where the document escapes it.
    let text: String?

    /// The name.
    ///
    /// Valid UTF-8 is the caller's to expect only where it matters: what is not becomes U+FFFD.
    public var string: String { text ?? String(decoding: bytes, as: UTF8.self) }

    /// The name, sharing its storage with equal ones.
    public func string(in pool: StringPool) -> String { text ?? pool.string(bytes) ?? string }

    /// Whether the name is `literal`.
    public static func ~= (literal: StaticString, name: JSONName) -> Bool {
        guard literal.hasPointerRepresentation else { return false }
        let expected = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        guard let text = name.text else {
            return name.bytes.count == expected.count && name.bytes.elementsEqual(expected)
        }
        return text.utf8.elementsEqual(expected)
    }
}
