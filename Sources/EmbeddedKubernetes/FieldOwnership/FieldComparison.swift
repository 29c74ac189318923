internal import JSONModel

/// Which fields a change adds, modifies and removes.
struct FieldComparison: Sendable {
    var added = FieldSet()
    var modified = FieldSet()
    var removed = FieldSet()

    static func compare(_ old: JSONValue?, _ new: JSONValue?, _ shape: FieldShape, isRoot: Bool = true)
        -> FieldComparison
    {
        var result = FieldComparison()
        switch (old, new) {
        case (nil, nil): return result
        case (nil, _): result.added.isMember = !isRoot
        case (_, nil): result.removed.isMember = !isRoot
        default: break
        }
        if shape.isObject, old?.object != nil || old == nil, new?.object != nil || new == nil {
            let names = Set((old?.object ?? [:]).keys).union((new?.object ?? [:]).keys)
            for name in names {
                guard let child = shape.member(name, new?[name] ?? old?[name]) else { continue }
                var inner = compare(old?[name], new?[name], child, isRoot: false)
                // Nobody owns the metadata as such.
                if case .metadata = child { inner.clearRoot() }
                result.insert(inner, at: "f:\(name)")
            }
            return result
        }
        if let before = shape.elements(old?.array ?? []), let after = shape.elements(new?.array ?? []) {
            let left = Dictionary(before.map { ($0.edge, $0.value) }) { first, _ in first }
            let right = Dictionary(after.map { ($0.edge, $0.value) }) { first, _ in first }
            for edge in Set(left.keys).union(right.keys) {
                let child = shape.element(right[edge] ?? left[edge])
                result.insert(compare(left[edge], right[edge], child, isRoot: false), at: edge)
            }
            return result
        }
        if old != nil, new != nil, old != new { result.modified.isMember = !isRoot }
        return result
    }

    private mutating func clearRoot() {
        added.isMember = false
        modified.isMember = false
        removed.isMember = false
    }

    private mutating func insert(_ inner: FieldComparison, at edge: String) {
        if !inner.added.isEmpty { added.children[edge] = inner.added }
        if !inner.modified.isEmpty { modified.children[edge] = inner.modified }
        if !inner.removed.isEmpty { removed.children[edge] = inner.removed }
    }

    /// The fields that an applied configuration states: its leaves, and the elements of its lists.
    static func stated(_ value: JSONValue, _ shape: FieldShape) -> FieldSet {
        var result = FieldSet()
        if shape.isObject, let members = value.object {
            for (name, member) in members {
                guard let child = shape.member(name, member) else { continue }
                var inner = stated(member, child)
                if inner.children.isEmpty {
                    if case .metadata = child { continue }
                    inner.isMember = true
                }
                result.children["f:\(name)"] = inner
            }
        } else if let list = value.array, let elements = shape.elements(list) {
            for (edge, element) in elements {
                var inner = stated(element, shape.element(element))
                inner.isMember = true
                result.children[edge] = inner
            }
        }
        return result
    }
}
