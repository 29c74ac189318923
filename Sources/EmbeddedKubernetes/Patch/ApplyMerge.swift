internal import JSONModel

/// Merging an applied configuration into an object, and taking out what its manager no longer states.
enum ApplyMerge {
    /// The live object with the applied fields in place.
    static func merge(_ applied: JSONValue, into live: JSONValue, schema: StructuralSchema) -> JSONValue {
        value(applied, live, .root(schema))
    }

    private static func value(_ applied: JSONValue, _ live: JSONValue, _ shape: FieldShape) -> JSONValue {
        if shape.isObject, let changes = applied.object, var members = live.object {
            for (name, change) in changes where !change.isNull {
                let child = shape.member(name, change) ?? .leaf
                members[name] = members[name].map { value(change, $0, child) } ?? change
            }
            return .object(members)
        }
        guard let changes = applied.array, let elements = live.array, let new = shape.elements(changes),
            let old = shape.elements(elements)
        else { return applied }
        // The applied order first, then what others have.
        let known = Dictionary(old.map { ($0.edge, $0.value) }) { first, _ in first }
        let stated = Set(new.map(\.edge))
        var result = old.filter { !stated.contains($0.edge) }.map(\.value)
        let merged = new.map { edge, element in
            known[edge].map { value(element, $0, shape.element(element)) } ?? element
        }
        let isKeptOrder = old.map(\.edge).filter(stated.contains) == new.map(\.edge).filter { known[$0] != nil }
        if isKeptOrder {
            let byEdge = Dictionary(zip(new.map(\.edge), merged)) { first, _ in first }
            let kept = old.map { byEdge[$0.edge] ?? $0.value }
            return .array(kept + zip(new, merged).filter { known[$0.0.edge] == nil }.map { $0.1 })
        }
        result.insert(contentsOf: merged, at: 0)
        return .array(result)
    }

    /// The object without the fields of a set; a member takes everything below it along.
    static func remove(_ fields: FieldSet, from object: JSONValue, schema: StructuralSchema) -> JSONValue {
        removed(fields, object, .root(schema))
    }

    private static func removed(_ fields: FieldSet, _ value: JSONValue, _ shape: FieldShape) -> JSONValue {
        if shape.isObject, var members = value.object {
            for (edge, child) in fields.children where edge.hasPrefix("f:") {
                let name = String(edge.dropFirst(2))
                guard let member = members[name], let inner = shape.member(name, member) else { continue }
                var isWhole = child.isMember
                // The metadata is never taken away as such.
                if case .metadata = inner { isWhole = false }
                if isWhole {
                    members.removeValue(forKey: name)
                } else {
                    members[name] = removed(child, member, inner)
                }
            }
            return .object(members)
        }
        guard let list = value.array, let elements = shape.elements(list) else { return value }
        let kept = elements.compactMap { edge, element -> JSONValue? in
            guard let child = fields.children[edge] else { return element }
            // A bare `nil` would be the JSON one here.
            return child.isMember ? Optional.none : removed(child, element, shape.element(element))
        }
        return .array(kept)
    }
}
