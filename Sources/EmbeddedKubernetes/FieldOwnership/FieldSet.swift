internal import JSONModel

/// A set of field paths as `managedFields` keeps them: a tree whose edges are `f:name`, `k:{…}` or `v:…`.
struct FieldSet: Sendable, Hashable {
    /// Whether the path that ends here belongs to the set.
    var isMember = false
    var children: [String: FieldSet] = [:]

    var isEmpty: Bool { !isMember && children.isEmpty }

    func union(_ other: FieldSet) -> FieldSet {
        FieldSet(
            isMember: isMember || other.isMember,
            children: children.merging(other.children) { $0.union($1) }
        )
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && !other.isMember)
        for (edge, child) in children {
            let rest = other.children[edge].map(child.subtracting) ?? child
            if !rest.isEmpty { result.children[edge] = rest }
        }
        return result
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && other.isMember)
        for (edge, child) in children {
            guard let common = other.children[edge].map(child.intersection), !common.isEmpty else { continue }
            result.children[edge] = common
        }
        return result
    }

    /// The set with every path above a member made a member: whoever owns a field holds what contains it.
    var withContainers: FieldSet {
        FieldSet(isMember: isMember || !children.isEmpty, children: children.mapValues(\.withContainers))
    }

    /// The paths in order, as conflicts name them: `.spec.image`, `.status.conditions[type="Ready"].status`.
    func paths(from prefix: String = "") -> [String] {
        var found = isMember ? [prefix] : []
        for edge in children.keys.sorted() {
            if let child = children[edge] { found += child.paths(from: prefix + Self.text(edge)) }
        }
        return found
    }

    private static func text(_ edge: String) -> String {
        let rest = edge.dropFirst(2)
        switch edge.prefix(2) {
        case "f:": return ".\(rest)"
        case "v:": return "[=\(rest)]"
        case "k:":
            let key = (try? JSONParser().parse(Array(rest.utf8)))?.object ?? [:]
            let parts = key.keys.sorted().map { "\($0)=\(JSONSerializer().string(key[$0] ?? .null))" }
            return "[\(parts.joined(separator: ","))]"
        default: return "[\(rest)]"
        }
    }

    /// The `fieldsV1` form.
    var json: JSONValue {
        var members = children.mapValues { child -> JSONValue in
            guard child.isMember, !child.children.isEmpty else { return child.json }
            var inner = child.json.object ?? [:]
            inner["."] = [:]
            return .object(inner)
        }
        members["."] = nil
        return .object(members)
    }

    /// Reads the `fieldsV1` form; what is deeper than any object is ignored.
    init(json: JSONValue, depth: Int = 0) {
        guard depth < 64, let members = json.object else { return }
        isMember = depth > 0 && (members.isEmpty || members["."] != nil)
        for (edge, child) in members where edge != "." { children[edge] = FieldSet(json: child, depth: depth + 1) }
    }

    init(isMember: Bool = false, children: [String: FieldSet] = [:]) {
        self.isMember = isMember
        self.children = children
    }
}
