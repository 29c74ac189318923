import JSONModel

/// Says in a short sentence where and why a document could not be decoded, without showing its values.
struct DecodingSentence: CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        guard let error = error as? DecodingError else {
            description = "it is no JSON"
            return
        }
        switch error {
        case .typeMismatch(let type, let context):
            description = "\(Self.path(context.codingPath)) is no \(type)"
        case .valueNotFound(_, let context):
            description = "\(Self.path(context.codingPath)) is null"
        case .keyNotFound(let key, let context):
            description = "\(Self.path(context.codingPath + [key])) is missing"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            description = "it is no JSON"
        case .dataCorrupted(let context):
            description = "\(Self.path(context.codingPath)) holds a value that is not allowed"
        @unknown default:
            description = "it has an unexpected form"
        }
    }

    /// Says where and why the document `bytes`, which stands at `place` in another, could not be read.
    init(_ error: any Error, in bytes: UnsafeRawBufferPointer, at place: String = "") {
        switch error {
        case let error as JSONError:
            let path = Self.joined(place, JSONPath.text(at: error.offset, in: bytes))
            if case .wrongKind(let kind) = error.problem, !path.isEmpty {
                description = "\(path) is not \(kind)"
            } else {
                description = "it is no JSON"
            }
        case let error as WrongKind:
            description = "it is a \(error.found.prefix(64)), not a \(error.expected)"
        case is MissingName: description = "metadata.name is missing"
        case let error as WatchLineProblem: description = error.rawValue
        default:
            let sentence = DecodingSentence(error).description
            description = place.isEmpty || sentence.hasPrefix("it is") ? sentence : "\(place).\(sentence)"
        }
    }

    private static func joined(_ place: String, _ path: String) -> String {
        place.isEmpty || path.isEmpty ? place + path : "\(place).\(path)"
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return text.isEmpty ? "the document" : String(text.prefix(256))
    }
}
