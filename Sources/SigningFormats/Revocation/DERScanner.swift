/// Walks over DER elements without making a tree of them: for documents too large for that.
///
/// It accepts one-byte tags and definite lengths in their shortest form (X.690 §8.1.2.2, §10.1), and nothing else.
struct DERScanner {
    /// One element.
    struct Element {
        let tag: UInt8
        /// What is inside.
        let content: ArraySlice<UInt8>
        /// The element with its tag and length.
        let encoded: ArraySlice<UInt8>

        /// Whether what is inside is a number in its shortest form (X.690 §8.3.2), of any size and sign.
        var isShortestInteger: Bool {
            guard let first = content.first else { return false }
            guard let second = content.dropFirst().first else { return true }
            return !(first == 0x00 && second < 0x80) && !(first == 0xFF && second >= 0x80)
        }
    }

    /// What has not been walked over yet.
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The tag of the next element; `nil` at the end.
    var tag: UInt8? { rest.first }

    /// The next element; `nil` at the end.
    mutating func next() throws(SigningFormatError) -> Element? {
        guard let tag = rest.first else { return nil }
        guard tag & 0x1F != 0x1F else { throw Self.malformed }
        let start = rest.startIndex
        var index = start + 1
        guard index < rest.endIndex else { throw Self.malformed }
        var length = Int(rest[index])
        index += 1
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...4).contains(count), rest.endIndex - index >= count, rest[index] != 0 else {
                throw Self.malformed
            }
            length = 0
            for _ in 0..<count {
                length = length << 8 | Int(rest[index])
                index += 1
            }
            guard length >= 0x80 else { throw Self.malformed }
        }
        guard length <= rest.endIndex - index else { throw Self.malformed }
        let end = index + length
        let element = Element(tag: tag, content: rest[index..<end], encoded: rest[start..<end])
        rest = rest[end...]
        return element
    }

    /// The next element, which must be there and have this tag.
    mutating func next(_ tag: UInt8) throws(SigningFormatError) -> Element {
        guard let element = try next(), element.tag == tag else { throw Self.malformed }
        return element
    }

    /// Makes sure that everything was walked over.
    func end() throws(SigningFormatError) {
        guard rest.isEmpty else { throw Self.malformed }
    }

    private static var malformed: SigningFormatError { SigningFormatError(.malformed, "it is not the DER of one") }
}
