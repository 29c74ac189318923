import Yams

/// Finds keys that are aliases or collections before a text with aliases is composed.
///
/// Composing shares what an alias names, so values behind aliases cost nothing until they are walked, and walking is
/// counted. But the library hashes keys while it composes, and a key that is an alias to a collection of aliases to
/// collections would be walked to its end by that. So such a text is composed once with every alias replaced by a word:
/// the same structure, of which nothing is shared, in which the keys can be looked at.
enum AliasKeys {
    /// Stands for the asterisk of an alias: a character for private use, which no manifest needs.
    private static let mark: Unicode.Scalar = "\u{E000}"

    /// `text` with every alias turned into a word; `nil` where it can have none.
    static func withoutAliases(_ text: String) -> String? {
        let bytes = text.utf8
        guard bytes.contains(UInt8(ascii: "&")), bytes.contains(UInt8(ascii: "*")) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        var place = Place.elsewhere
        var previous = UInt8(ascii: "\n")
        for byte in bytes {
            place = place.next(byte, after: previous)
            if place == .name, previous == UInt8(ascii: "*") {
                result.removeLast()
                result += Array(String(mark).utf8)
            }
            result.append(byte)
            // Behind an alias `:` ends a key even where behind a word it would be a letter: `[*a:b]`.
            if place == .colon { result.append(0x20) }
            previous = byte
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where a byte stands, as seen from the last alias before it.
    private enum Place {
        /// The asterisk where a token can begin.
        case asterisk
        /// The alias' name.
        case name
        /// Blanks behind the name.
        case blank
        /// The colon behind those.
        case colon
        case elsewhere

        func next(_ byte: UInt8, after previous: UInt8) -> Place {
            if byte == UInt8(ascii: "*"), canPrecedeToken(previous) { return .asterisk }
            switch self {
            case .asterisk, .name:
                if isName(byte) { return .name }
                guard self == .name else { return .elsewhere }
                if byte == UInt8(ascii: ":") { return .colon }
                return isBlank(byte) ? .blank : .elsewhere
            case .blank:
                if byte == UInt8(ascii: ":") { return .colon }
                return isBlank(byte) ? .blank : .elsewhere
            case .colon, .elsewhere: return .elsewhere
            }
        }
    }

    /// The text of a scalar as it was before aliases were replaced.
    static func asWritten(_ text: String) -> String {
        text.unicodeScalars.first == mark ? "*" + text.dropFirst() : text
    }

    /// Looks at every key below `node`, which was composed without aliases.
    static func check(_ node: Node) throws(YAMLProblem) {
        switch node {
        case .scalar, .alias: return
        case .sequence(let sequence):
            for element in sequence { try check(element) }
        case .mapping(let mapping):
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key else { throw YAMLProblem("a key must be text", at: key) }
                guard scalar.style != .plain || scalar.string.unicodeScalars.first != mark else {
                    throw YAMLProblem("a key must be text, not an alias", at: key)
                }
                try check(value)
            }
        }
    }
}

/// Whether an anchor's name can hold the byte (libyaml, `IS_ALPHA`).
private func isName(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// Whether a token can begin behind the byte: white space, a byte order mark's last byte, an indicator of a flow collection.
private func canPrecedeToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x09...0x0D, 0x20, 0x80...0xFF: true
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "?"),
        UInt8(ascii: "-"):
        true
    case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
}
