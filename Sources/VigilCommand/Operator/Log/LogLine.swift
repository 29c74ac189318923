import FoundationEssentials
import JSONModel
import KubernetesAPI
import Logging

/// One line of the log.
struct LogLine: Sendable {
    var time = Date(timeIntervalSince1970: 0)
    var level: Logger.Level
    var logger: String
    var message: String
    var fields: Logger.Metadata

    /// `time level logger: key=value … message`, with nothing in it that would begin another line or another field.
    var text: String {
        let pairs = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted("\($0.value)")) " }.joined()
        return TerminalText.printable("\(timestamp) \(level) \(logger): \(pairs)\(message)")
    }

    /// One object: `time`, `level`, `logger`, `message`, and the fields beside them.
    ///
    /// A field that is called as one of these four gets an underscore behind its name.
    var json: String {
        let own: [String: JSONValue] = [
            "time": .string(timestamp), "level": .string(level.rawValue), "logger": .string(logger),
            "message": .string(message),
        ]
        var members = own
        for (name, value) in fields { members[own[name] == nil ? name : "\(name)_"] = Self.json(value) }
        return TerminalText.printable(json: JSONSerializer().string(.object(members)))
    }

    /// The value of a field, in quotes where it could be taken for several: names of images and users are others' choice.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "=" && $0 != "\"" }
        guard !isPlain else { return value }
        let escaped = value.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }

    /// RFC 3339 in UTC, to the microsecond.
    private var timestamp: String { "\(MicroTime(time))" }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string("\(value)")
        case .array(let values): .array(values.map(json))
        case .dictionary(let members): .object(members.mapValues(json))
        }
    }
}
