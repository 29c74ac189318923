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

    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return text.isEmpty ? "the document" : String(text.prefix(256))
    }
}
