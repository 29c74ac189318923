public import JSONModel

/// A change to an object, in one of the forms the API accepts.
public enum Patch: Sendable, Hashable {
    /// RFC 7386: objects are merged, `null` deletes, arrays are replaced whole.
    case merge(JSONValue)
    /// RFC 6902: a list of operations, all or nothing.
    case json([JSONValue])
    /// The same as text: who has the JSON of a large value need not read it into a tree to send it.
    case jsonText([UInt8])
    /// Objects are merged, and lists of built-in kinds by the key that the API documents for them.
    ///
    /// Custom resources answer 415.
    case strategic(JSONValue)
    /// Server-side apply: the fields this manager wants. `force` takes fields over from other managers.
    case apply(JSONValue, fieldManager: String, force: Bool)

    /// The request's media type.
    public var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json, .jsonText: "application/json-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }

    /// The request's body.
    ///
    /// JSON is YAML, so an apply patch is JSON too.
    public var body: [UInt8] {
        switch self {
        case .merge(let value), .strategic(let value), .apply(let value, _, _): JSONSerializer().bytes(value)
        case .json(let operations): JSONSerializer().bytes(.array(operations))
        case .jsonText(let text): text
        }
    }
}
