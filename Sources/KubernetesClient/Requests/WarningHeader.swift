import Synchronization

/// The texts of `Warning` fields with code 299, by which API servers speak to people (RFC 9111 §5.5, KEP-1693).
enum WarningHeader {
    /// What an API server sends at most, all texts together (apiserver `pkg/endpoints/filters/warning.go`).
    private static let maximumBytes = 16 << 10

    /// The texts of `299 agent "text" ["date"]`, several joined by commas; the rest of a malformed field is passed over.
    static func texts(_ field: String) -> [String] {
        var texts: [String] = []
        var rest = Array(field.utf8.prefix(maximumBytes))[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ",") }
            guard let code = word(&rest), word(&rest) != nil, let text = quoted(&rest) else { return texts }
            if code.elementsEqual("299".utf8), !text.isEmpty { texts.append(text) }
            // A date may follow, and is quoted too.
            rest = rest.drop { $0 == UInt8(ascii: " ") }
            if rest.first == UInt8(ascii: "\""), quoted(&rest) == nil { return texts }
        }
    }

    private static func word(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let word = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\"") }
        rest = rest.dropFirst(word.count).drop { $0 == UInt8(ascii: " ") }
        return word.isEmpty ? nil : word
    }

    private static func quoted(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes.map { max($0, 0x20) }, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped)
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }
}

/// Remembers which warnings were reported, so that each is reported once.
final class ReportedWarnings: Sendable {
    /// How many are remembered; beyond that, none is reported any more.
    private static let maximum = 256

    private let texts = Mutex<Set<String>>([])

    /// Whether a text is to be reported: the first time, while there is room to remember it.
    func isNew(_ text: String) -> Bool {
        texts.withLock { $0.count < Self.maximum && $0.insert(text).inserted }
    }
}
