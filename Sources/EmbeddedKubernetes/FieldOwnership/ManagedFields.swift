internal import JSONModel

/// Who owns which fields of an object: `metadata.managedFields`, and what server-side apply decides by it.
struct ManagedFields: Sendable {
    struct Entry: Sendable, Hashable {
        var manager: String
        var operation: String
        var apiVersion: String
        var subresource: String
        var time: String?
        var fields: FieldSet

        func isSameManager(as other: Entry) -> Bool {
            manager == other.manager && operation == other.operation && subresource == other.subresource
                && apiVersion == other.apiVersion
        }

        /// The manager as conflicts name it.
        var description: String {
            var text = "\"\(manager)\""
            if !subresource.isEmpty { text += " with subresource \"\(subresource)\"" }
            return operation == "Update" ? "\(text) using \(apiVersion)" : text
        }

        var json: JSONValue {
            var members: [String: JSONValue] = [
                "manager": .string(manager), "operation": .string(operation), "apiVersion": .string(apiVersion),
                "fieldsType": "FieldsV1", "fieldsV1": fields.json,
            ]
            members["time"] = time.map(JSONValue.string)
            if !subresource.isEmpty { members["subresource"] = .string(subresource) }
            return .object(members)
        }
    }

    private(set) var entries: [Entry]

    /// More entries than this are not kept.
    private static let maximumEntries = 256

    init(_ value: JSONValue?) {
        entries = (value?.array ?? []).prefix(Self.maximumEntries).compactMap { value in
            guard let manager = value["manager"]?.string, let operation = value["operation"]?.string else { return nil }
            return Entry(
                manager: manager,
                operation: operation,
                apiVersion: value["apiVersion"]?.string ?? "",
                subresource: value["subresource"]?.string ?? "",
                time: value["time"]?.string,
                fields: FieldSet(json: value["fieldsV1"] ?? [:])
            )
        }
    }

    /// The list as objects carry it: applied entries first, then by time.
    var json: JSONValue? {
        guard !entries.isEmpty else { return nil }
        let sorted = entries.sorted {
            ($0.operation, $0.time ?? "", $0.manager, $0.subresource) < (
                $1.operation, $1.time ?? "", $1.manager, $1.subresource
            )
        }
        return .array(sorted.map(\.json))
    }

    /// A write other than apply: the writer comes to own what it changes.
    mutating func update(_ writer: Entry, _ comparison: FieldComparison) {
        let taken = comparison.modified.union(comparison.added)
        for index in entries.indices where !entries[index].isSameManager(as: writer) {
            entries[index].fields = entries[index].fields.subtracting(taken).subtracting(comparison.removed)
        }
        let known = entries.first { $0.isSameManager(as: writer) }?.fields ?? FieldSet()
        replace(writer, with: known.subtracting(comparison.removed).union(taken))
    }

    /// What the other managers own of what an apply changes.
    func conflicts(_ writer: Entry, _ comparison: FieldComparison) -> [(entry: Entry, path: String)] {
        let taken = comparison.modified.union(comparison.added)
        return entries.filter { !$0.isSameManager(as: writer) }.sorted { $0.manager < $1.manager }.flatMap { entry in
            entry.fields.intersection(taken).paths().map { (entry, $0) }
        }
    }

    /// An apply: the writer owns exactly what it states, and others lose what was taken from them.
    mutating func apply(_ writer: Entry, stated: FieldSet, _ comparison: FieldComparison) {
        let taken = comparison.modified.union(comparison.added)
        for index in entries.indices where !entries[index].isSameManager(as: writer) {
            entries[index].fields = entries[index].fields.subtracting(taken).subtracting(comparison.removed)
        }
        replace(writer, with: stated)
    }

    private mutating func replace(_ writer: Entry, with fields: FieldSet) {
        if let index = entries.firstIndex(where: { $0.isSameManager(as: writer) }) {
            if entries[index].fields != fields {
                entries[index].fields = fields
                entries[index].time = writer.time
            }
        } else {
            var entry = writer
            entry.fields = fields
            entries.append(entry)
        }
        entries.removeAll { $0.fields.isEmpty }
    }

    /// What the writer owned before.
    func fields(of writer: Entry) -> FieldSet { entries.first { $0.isSameManager(as: writer) }?.fields ?? FieldSet() }

    /// What anyone else owns.
    func fields(except writer: Entry) -> FieldSet {
        entries.filter { !$0.isSameManager(as: writer) }.reduce(FieldSet()) { $0.union($1.fields) }
    }

    /// The 409 of an apply that would take fields from others.
    static func failure(_ conflicts: [(entry: Entry, path: String)]) -> APIFailure {
        let causes = conflicts.map { conflict -> JSONValue in
            [
                "reason": "FieldManagerConflict", "message": .string("conflict with \(conflict.entry.description)"),
                "field": .string(conflict.path),
            ]
        }
        var message = "Apply failed with \(conflicts.count) conflict\(conflicts.count == 1 ? "" : "s"): "
        if conflicts.count == 1, let only = conflicts.first {
            message += "conflict with \(only.entry.description): \(only.path)"
        } else {
            var lines: [String] = []
            var last: Entry?
            for conflict in conflicts {
                if last != conflict.entry { lines.append("conflicts with \(conflict.entry.description):") }
                lines.append("- \(conflict.path)")
                last = conflict.entry
            }
            message += lines.joined(separator: "\n")
        }
        return APIFailure(409, "Conflict", message, details: ["causes": .array(causes)])
    }
}
