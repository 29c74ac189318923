import JSONModel
import TrustResources

/// What values a setting takes, and how they are written in files, flags and variables.
enum SettingKind: Sendable, Hashable {
    case toggle
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case duration(ClosedRange<Duration>)
    case choice([String])
    case text(TextRule)
    /// Texts; in a variable separated by commas, as a flag repeated.
    case list(TextRule)

    /// The most texts in a list.
    static let maximumTexts = 256
    /// The longest text, in bytes.
    static let maximumTextBytes = 1024

    /// What is allowed, as the end of a sentence.
    var allowed: String {
        switch self {
        case .toggle: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            "a number from \(SettingValue.number(range.lowerBound).text) to \(SettingValue.number(range.upperBound).text)"
        case .duration(let range):
            "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .text(let rule): rule.allowed
        case .list(let rule): "a list, each \(rule.allowed)"
        }
    }

    /// Reads a value of a file.
    ///
    /// - Throws: ``SettingDefect`` that says what is there and what is allowed.
    func read(_ value: JSONValue) throws(SettingDefect) -> SettingValue {
        switch (self, value) {
        case (_, .null): throw SettingDefect("is empty; write \(allowed), or remove the line")
        case (.toggle, .bool(let isOn)): return .toggle(isOn)
        case (.integer, .integer(let number)): return try integer(Int(number), "\(number)")
        case (.number, .integer(let number)): return try self.number(Double(number), "\(number)")
        case (.number, .number(let number)): return try self.number(number, "\(number)")
        case (.duration, .string(let text)), (.choice, .string(let text)), (.text, .string(let text)):
            return try read(text: text)
        case (.list(let rule), .array(let elements)):
            var texts: [String] = []
            for element in elements { texts.append(try text(of: element, rule)) }
            return try list(texts)
        default: throw other(than: value)
        }
    }

    /// An entry of a list in the form of flags.
    private func text(of element: JSONValue, _ rule: TextRule) throws(SettingDefect) -> String {
        if let text = element.string { return text }
        if let members = element.object, let text = try rule.text(of: members) { return text }
        throw other(than: element, in: "an entry ")
    }

    private func other(than value: JSONValue, in place: String = "") -> SettingDefect {
        let hint = value.string == nil && isText ? "; put it in quotes if that is what you mean" : ""
        return SettingDefect("\(place)is \(Self.name(value)), expected \(allowed)\(hint)")
    }

    private var isText: Bool {
        switch self {
        case .choice, .text, .list: true
        case .toggle, .integer, .number, .duration: false
        }
    }

    /// Reads a text of a flag or a variable; lists are separated by commas.
    ///
    /// - Throws: ``SettingDefect`` that says what is there and what is allowed.
    func read(text: String) throws(SettingDefect) -> SettingValue {
        switch self {
        case .toggle:
            switch text.lowercased() {
            case "true": return .toggle(true)
            case "false": return .toggle(false)
            default: throw SettingDefect("is \(Self.quoted(text)), expected \(allowed)")
            }
        case .integer:
            guard let number = Int(text) else { throw SettingDefect("is \(Self.quoted(text)), expected \(allowed)") }
            return try integer(number, text)
        case .number:
            guard let number = Double(text) else { throw SettingDefect("is \(Self.quoted(text)), expected \(allowed)") }
            return try self.number(number, text)
        case .duration(let range):
            do throws(DurationText.Defect) {
                return .duration(try DurationText.parse(text, in: range))
            } catch {
                throw SettingDefect(error.message)
            }
        case .choice(let words):
            guard words.contains(text) else {
                let suggestion = Suggestion.text(for: text, among: words)
                throw SettingDefect("is \(Self.quoted(text)), expected \(allowed)\(suggestion)")
            }
            return .text(text)
        case .text(let rule):
            try check(text, rule)
            return .text(text)
        case .list: return try list(text.split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty })
        }
    }

    /// Reads the texts of a flag that may be repeated; of another the last counts.
    ///
    /// - Throws: ``SettingDefect`` that says what is there and what is allowed.
    func read(repeated texts: [String]) throws(SettingDefect) -> SettingValue {
        if case .list = self { return try list(texts) }
        return try read(text: texts.last ?? "")
    }

    // MARK: - Bounds

    private func integer(_ number: Int, _ shown: String) throws(SettingDefect) -> SettingValue {
        guard case .integer(let range) = self, range.contains(number) else {
            throw SettingDefect("is \(shown), expected \(allowed)")
        }
        return .integer(number)
    }

    private func number(_ number: Double, _ shown: String) throws(SettingDefect) -> SettingValue {
        guard case .number(let range) = self, range.contains(number) else {
            throw SettingDefect("is \(shown.prefix(40)), expected \(allowed)")
        }
        return .number(number)
    }

    private func list(_ texts: [String]) throws(SettingDefect) -> SettingValue {
        guard texts.count <= Self.maximumTexts else {
            throw SettingDefect("has \(texts.count) entries, at most \(Self.maximumTexts) are allowed")
        }
        guard case .list(let rule) = self else { return .texts(texts) }
        for text in texts {
            guard !text.isEmpty else { throw SettingDefect("has an entry that is empty, expected \(allowed)") }
            try check(text, rule)
        }
        return .texts(texts)
    }

    private func check(_ text: String, _ rule: TextRule) throws(SettingDefect) {
        guard text.utf8.count <= Self.maximumTextBytes else {
            throw SettingDefect("is longer than \(Self.maximumTextBytes) bytes")
        }
        guard try rule.accepts(text) else { throw SettingDefect("is \(Self.quoted(text)), expected \(rule.allowed)") }
    }

    // MARK: - Words

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.count > 80 ? "\"\(String(text.prefix(80)))…\"" : "\"\(text)\""
    }

    private static func name(_ value: JSONValue) -> String {
        switch value {
        case .null: "empty"
        case .bool: "a truth value"
        case .integer, .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "a group of settings"
        }
    }
}

/// What is wrong with a value, as the end of a sentence that begins with the name of the setting.
struct SettingDefect: Error, Sendable, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}
