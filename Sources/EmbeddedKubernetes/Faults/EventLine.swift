internal import JSONModel

/// What a line of a watch says, as far as rules ask.
struct EventLine {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The type; empty when the line is no event.
    var type: String {
        let prefix = Array("{\"type\":\"".utf8)
        guard bytes.starts(with: prefix) else { return "" }
        return String(decoding: bytes.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    private var object: JSONValue? { (try? JSONParser().parse(bytes))?["object"] }

    func matches(_ match: EventMatch) -> Bool {
        let type = type
        guard !type.isEmpty, match.types.isEmpty || match.types.contains(type) else { return false }
        guard match.name != nil else { return true }
        return match.matches(type: type, name: object?["metadata"]?["name"]?.string ?? "")
    }

    /// A bookmark other than the one that ends the first state.
    var isProgressBookmark: Bool {
        type == "BOOKMARK" && object?["metadata"]?["annotations"]?["k8s.io/initial-events-end"] == nil
    }
}

extension FaultAction {
    /// Whether it concerns the body of the answer.
    var shapesBody: Bool {
        switch self {
        case .delay, .jitter, .refuseConnection, .reset, .blackHole, .respond, .expireContinueToken, .serveStale,
            .serveAt:
            false
        case .truncate, .split, .drip, .interject, .end, .freeze, .withholdEvents, .dropEvents, .duplicateEvents,
            .suppressBookmarks:
            true
        }
    }
}
