internal import JSONModel

/// RFC 6902, with the liberties of the library that kube-apiserver uses (evanphx/json-patch).
///
/// Indices below zero count from the end, `replace` makes a member that is not there, `copy` takes one for `null`, and
/// what stands before the first `/` of a pointer is not read.
struct JSONPatch: Sendable {
    enum Problem: Error, Sendable, Hashable {
        /// The document is no patch: a 400.
        case malformed(String)
        /// More operations than are taken: a 413.
        case tooMany(Int)
        /// An operation cannot be applied to this object, or is none (a failed `test` too): a 422.
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
        guard let elements = document.isNull ? [] : document.array else {
            throw .malformed(document.cannotUnmarshal(into: "value of type []handlers.jsonPatchOp"))
        }
        guard elements.count <= Self.maximumOperations else { throw .tooMany(elements.count) }
        var operations: [Operation] = []
        for element in elements { operations.append(try Self.operation(element)) }
        self.operations = operations
    }

    private static func operation(_ element: JSONValue) throws(Problem) -> Operation {
        guard element.object != nil || element.isNull else {
            throw .malformed(element.cannotUnmarshal(into: "value of type handlers.jsonPatchOp"))
        }
        for member in ["op", "path", "from"] {
            guard let value = element[member], value.string == nil, !value.isNull else { continue }
            throw .malformed(value.cannotUnmarshal(into: "struct field jsonPatchOp.\(member) of type string"))
        }
        guard let op = element["op"]?.string, let path = element["path"]?.string else {
            throw .inapplicable("an operation needs op and path")
        }
        guard ["add", "remove", "replace", "move", "copy", "test"].contains(op) else {
            throw .inapplicable("unknown operation \(op.prefix(32))")
        }
        let from: [String]? = if let from = element["from"]?.string { try pointer(from) } else { nil }
        if op == "move" || op == "copy", from?.isEmpty ?? true { throw .inapplicable("\(op) needs from") }
        return Operation(op: op, path: try pointer(path), from: from, value: element["value"])
    }

    private static func pointer(_ text: String) throws(Problem) -> [String] {
        if text.isEmpty { return [] }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard !parts.isEmpty else { throw .inapplicable("a pointer must have a /") }
        return parts.map { String($0.replacing("~1", with: "/").replacing("~0", with: "~")) }
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
            let new = operation.value ?? .null
            guard path.isEmpty else { return try edit(path, in: document) { _ in new } }
            guard new.object != nil else { throw .inapplicable("replace: not an object") }
            return new
        case "test":
            let isReachable = value(at: path.dropLast(), in: document) != nil
            guard isReachable, value(at: path, in: document) ?? .null == operation.value ?? .null else {
                throw .inapplicable("testing path /\(operation.path.joined(separator: "/")) failed")
            }
            return document
        default:
            let from = (operation.from ?? [])[...]
            // A member that is not there is copied as `null`, and cannot be moved.
            let isOpen = operation.op == "copy" && value(at: from.dropLast(), in: document)?.object != nil
            // A bare `nil` would be the JSON one here.
            let nothing: JSONValue? = isOpen ? .some(.null) : .none
            guard let moved = value(at: from, in: document) ?? nothing else {
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
        let count = elements.count + (allowsEnd ? 1 : 0)
        guard let number = Int(key) else { return nil }
        let index = number < 0 ? number &+ count : number
        return (0..<count).contains(index) ? index : nil
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
        guard let last = path.last else { throw .inapplicable("add: the whole document") }
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
