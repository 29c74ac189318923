import JSONModel

/// Text that is safe and measured for a terminal.
///
/// Image names, subjects of certificates and messages of registries are written by others: a control character in them
/// must not move the cursor, recolour a verdict or reverse a line.
enum TerminalText {
    /// `text` with every control, format and line-breaking character replaced by `\u{…}`.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isUnprintable(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// JSON `text` with every such character as an escape (RFC 8259 §7), so that it still means the same.
    ///
    /// Line breaks stay: outside of strings they are layout, and inside JSON has none.
    static func printable(json text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 != "\n" && isUnprintable($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            guard scalar != "\n", isUnprintable(scalar) else {
                result.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }

    /// `value` as indented JSON for programs, printable as above, ending in a line break.
    static func document(_ value: JSONValue) -> String {
        printable(json: JSONSerializer(isPretty: true).string(value)) + "\n"
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// How many columns `text` takes, which is printable: wide East Asian characters and emoji take two.
    static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// `text` in at most `columns` columns, with `…` in its middle where it is longer: both ends of an image name tell
    /// more than its middle.
    static func shortened(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 1 else { return "…" }
        let room = columns - 1
        let tail = prefix(String(text.reversed()), columns: room / 2 + room % 2)
        return prefix(text, columns: room / 2) + "…" + String(tail.reversed())
    }

    private static func prefix(_ text: String, columns: Int) -> String {
        var result = ""
        var used = 0
        for character in text {
            let next = used + width(of: character)
            guard next <= columns else { break }
            result.append(character)
            used = next
        }
        return result
    }
}
