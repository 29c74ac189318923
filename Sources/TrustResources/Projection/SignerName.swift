/// How a signer is named in a table.
enum SignerName {
    /// The longest short name, in characters.
    static let characters = 64

    /// The common name of a distinguished name (RFC 4514), or the whole text where it has none.
    static func short(_ subject: String) -> String {
        (commonName(subject) ?? subject).reported(to: characters)
    }

    private static func commonName(_ subject: String) -> String? {
        for part in parts(subject) {
            let trimmed = part.drop { $0 == " " }
            guard trimmed.prefix(3).uppercased() == "CN=" else { continue }
            let name = unescaped(trimmed.dropFirst(3))
            if !name.isEmpty { return name }
        }
        return nil
    }

    /// The attributes, separated by commas and plus signs that no backslash precedes.
    private static func parts(_ subject: String) -> [Substring] {
        var parts: [Substring] = []
        var start = subject.startIndex
        var isEscaped = false
        for index in subject.indices {
            let character = subject[index]
            if !isEscaped, character == "," || character == "+" {
                parts.append(subject[start..<index])
                start = subject.index(after: index)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        parts.append(subject[start...])
        return parts
    }

    /// The value without the backslashes of RFC 4514 §2.4; escaped bytes stay as they are.
    private static func unescaped(_ value: Substring) -> String {
        var text = ""
        var isEscaped = false
        for character in value {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            if isEscaped, character.isHexDigit { text.append("\\") }
            text.append(character)
            isEscaped = false
        }
        return text
    }
}
