/// The little that the checks need to know about Swift's lexical structure.
enum SwiftText {
    /// The text without its comments; lines and string literals stay where they are.
    static func withoutComments(_ text: String) -> String {
        var scanner = Scanner(Array(text.utf8), keepsLiterals: true)
        return scanner.run()
    }

    /// The text without its comments and without what its string literals say; lines stay where they are.
    static func withoutCommentsAndLiterals(_ text: String) -> String {
        var scanner = Scanner(Array(text.utf8), keepsLiterals: false)
        return scanner.run()
    }
}

/// Works on bytes: every character it looks for is ASCII, and a whole checkout has to pass in a second.
private struct Scanner {
    private static let newline = UInt8(ascii: "\n")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    private let bytes: [UInt8]
    private let keepsLiterals: Bool
    private var position = 0
    private var kept: [UInt8] = []

    init(_ bytes: [UInt8], keepsLiterals: Bool) {
        self.bytes = bytes
        self.keepsLiterals = keepsLiterals
        kept.reserveCapacity(bytes.count)
    }

    mutating func run() -> String {
        while position < bytes.count {
            switch bytes[position] {
            case Self.slash where byte(after: 1) == Self.slash:
                skipLineComment()
            case Self.slash where byte(after: 1) == Self.star:
                skipBlockComment()
            case Self.quote:
                let isMultiline = byte(after: 1) == Self.quote && byte(after: 2) == Self.quote
                keepLiteral(quotes: isMultiline ? 3 : 1)
            default:
                keep(1)
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private func byte(after distance: Int) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    private mutating func keep(_ count: Int) {
        let end = min(position + count, bytes.count)
        kept.append(contentsOf: bytes[position..<end])
        position = end
    }

    private mutating func skipLineComment() {
        while position < bytes.count, bytes[position] != Self.newline { position += 1 }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            switch (byte(after: 0), byte(after: 1)) {
            case (Self.slash, Self.star):
                depth += 1
                position += 2
            case (Self.star, Self.slash):
                depth -= 1
                position += 2
            default:
                if bytes[position] == Self.newline { kept.append(Self.newline) }
                position += 1
            }
        } while depth > 0 && position < bytes.count
    }

    /// Passes a literal; an unterminated one ends with its line, so that an odd quote cannot hide the rest of the file.
    private mutating func keepLiteral(quotes: Int) {
        keep(quotes)
        while position < bytes.count {
            switch bytes[position] {
            case Self.quote where (0..<quotes).allSatisfy({ byte(after: $0) == Self.quote }):
                keep(quotes)
                return
            case Self.newline where quotes == 1:
                return
            case Self.newline:
                keep(1)
            case Self.backslash where byte(after: 1) != Self.newline:
                keepContent(2)
            default:
                keepContent(1)
            }
        }
    }

    private mutating func keepContent(_ count: Int) {
        if keepsLiterals { keep(count) } else { position = min(position + count, bytes.count) }
    }
}
