internal import JSONModel

/// RFC 6902.
struct JSONPatch: Sendable {
    enum Problem: Error, Sendable, Hashable {
        /// The document is no patch: a 400.
        case malformed(String)
        /// An operation cannot be applied to this object (a failed `test` too): a 422.
        case inapplicable(String)
    }

    private struct Operation: Sendable {
        var op: String
        var path: [String]
        var from: [String]?
        var value: JSONValue?
    }

    private let operations: [Operation]
    /// Longer patches are refused, as kube-apiserver does.
    static let maximumOperations = 10_000

    init(_ document: JSONValue) throws(Problem) {
        guard let elements = document.array else { throw .malformed("a JSON patch must be an array") }
        guard elements.count <= Self.maximumOperations else { throw .malformed("too many operations") }
        var operations: [Operation] = []
        for element in elements {
            guard let op = element["op"]?.string, let path = element["path"]?.string else {
                throw .malformed("an operation needs op and path")
            }
            guard ["add", "remove", "replace", "move", "copy", "test"].contains(op) else {
                throw .malformed("unknown operation \(op.prefix(32))")
            }
            let from: [String]? = if let from = element["from"]?.string { try Self.pointer(from) } else { nil }
            if op == "move" || op == "copy", from == nil { throw .malformed("\(op) needs from") }
            operations.append(Operation(op: op, path: try Self.pointer(path), from: from, value: element["value"]))
        }
        self.operations = operations
    }

    private static func pointer(_ text: String) throws(Problem) -> [String] {
        if text.isEmpty { return [] }
        guard text.hasPrefix("/") else { throw .malformed("a pointer must start with /") }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0.replacing("~1", with: "/").replacing("~0", with: "~"))
        }
    }

    func apply(to target: JSONValue) throws(Problem) -> JSONValue {
        var document = target
        for operation in operations { document = try Self.apply(operation, to: document) }
        return document
    }

    private static func apply(_ operation: Operation, to document: JSONValue) throws(Problem) -> JSONValue {
        let path = operation.path[...]
        switch operation.op {
        case "add": return try add(operation.value ?? .null, at: path, in: document)
        case "remove": return try remove(path, from: document)
        case "replace":
            guard value(at: path, in: document) != nil else { throw .inapplicable("replace: no such path") }
            if path.isEmpty { return operation.value ?? .null }
            return try edit(path, in: document) { _ in operation.value ?? .null }
        case "test":
            guard value(at: path, in: document) ?? .null == operation.value ?? .null else {
                throw .inapplicable("testing path /\(operation.path.joined(separator: "/")) failed")
            }
            return document
        default:
            let from = (operation.from ?? [])[...]
            guard let moved = value(at: from, in: document) else {
                throw .inapplicable("\(operation.op): no such path")
            }
            if operation.op == "move", path.starts(with: from), path.count > from.count {
                throw .inapplicable("move into itself")
            }
            let base = operation.op == "move" ? try remove(from, from: document) : document
            return try add(moved, at: path, in: base)
        }
    }

    private static func index(_ key: String, in elements: [JSONValue], allowsEnd: Bool) -> Int? {
        if allowsEnd, key == "-" { return elements.count }
        guard let index = Int(key), index >= 0, index < elements.count + (allowsEnd ? 1 : 0) else { return nil }
        return index
    }

    private static func value(at path: ArraySlice<String>, in document: JSONValue) -> JSONValue? {
        guard let first = path.first else { return document }
        let child: JSONValue? =
            switch document {
            case .object(let members): members[first]
            case .array(let elements): index(first, in: elements, allowsEnd: false).map { elements[$0] }
            default: nil
            }
        return child.flatMap { value(at: path.dropFirst(), in: $0) }
    }

    private static func edit(
        _ path: ArraySlice<String>,
        in document: JSONValue,
        _ change: (JSONValue?) throws(Problem) -> JSONValue?
    ) throws(Problem) -> JSONValue {
        guard let first = path.first else { return try change(document) ?? .null }
        let rest = path.dropFirst()
        switch document {
        case .object(var members):
            if rest.isEmpty {
                members[first] = try change(members[first])
            } else {
                guard let child = members[first] else { throw .inapplicable("no such path") }
                members[first] = try edit(rest, in: child, change)
            }
            return .object(members)
        case .array(var elements):
            guard let at = index(first, in: elements, allowsEnd: false) else { throw .inapplicable("no such index") }
            if rest.isEmpty {
                if let new = try change(elements[at]) { elements[at] = new } else { elements.remove(at: at) }
            } else {
                elements[at] = try edit(rest, in: elements[at], change)
            }
            return .array(elements)
        default: throw .inapplicable("no such path")
        }
    }

    private static func add(_ new: JSONValue, at path: ArraySlice<String>, in document: JSONValue) throws(Problem)
        -> JSONValue
    {
        guard let last = path.last else { return new }
        let parent = path.dropLast()
        guard let container = value(at: parent, in: document) else { throw .inapplicable("add: no such path") }
        guard var elements = container.array else {
            guard container.object != nil else { throw .inapplicable("add: no such path") }
            return try edit(path, in: document) { _ in new }
        }
        guard let at = index(last, in: elements, allowsEnd: true) else {
            throw .inapplicable("add: index out of range")
        }
        elements.insert(new, at: at)
        let grown = elements
        return parent.isEmpty ? .array(grown) : try edit(parent, in: document) { _ in .array(grown) }
    }

    private static func remove(_ path: ArraySlice<String>, from document: JSONValue) throws(Problem) -> JSONValue {
        guard !path.isEmpty, value(at: path, in: document) != nil else { throw .inapplicable("remove: no such path") }
        return try edit(path, in: document) { _ in nil }
    }
}
