import JSONModel
import KubernetesAPI
import TrustResources

/// The generated part of a kind's page in `docs`: every field with its type, default and meaning, as the schema has them.
struct FieldPage {
    /// Why a page cannot be generated into.
    struct Unmarked: Error, CustomStringConvertible {
        let path: String

        var description: String { "\(path) has no part between \(FieldPage.begin) and \(FieldPage.end)" }
    }

    /// The line before the generated part.
    static let begin = "<!-- generated from the schema by make generate; change Sources/TrustResources/Definitions -->"
    /// The line after it.
    static let end = "<!-- end of what is generated -->"

    let definition: CustomResourceDefinition

    /// The pages of all kinds.
    static let all = CustomResourceDefinitions.definitions.map(FieldPage.init)

    /// The page's path from the root of the checkout.
    var path: String { "docs/\(definition.resource.kind.lowercased()).md" }

    /// A page with its generated part as it should be.
    ///
    /// - Throws: ``Unmarked`` when the page has no such part.
    func replacingFields(in text: String) throws(Unmarked) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.firstIndex(of: Self.begin), let last = lines.lastIndex(of: Self.end), first < last
        else {
            throw Unmarked(path: path)
        }
        return (lines[...first] + ["", section, ""] + lines[last...]).joined(separator: "\n")
    }

    /// The generated part.
    var section: String {
        let schema = definition.schema
        return [
            "### spec", Self.text(schema.spec.text), Self.table(of: schema.spec, at: "spec"),
            Self.rules(of: schema.spec, at: "spec"), "### status", Self.text(schema.status.text),
            Self.table(of: schema.status, at: "status"), "### Columns of kubectl get", columns,
        ]
        .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var columns: String {
        let head = ["| column | shows | where it is |", "|---|---|---|"]
        let rows = definition.columns.map { column in
            "| `\(column.name.uppercased())` | \(Self.text(column.text))\(column.isWide ? " With `-o wide`." : "") "
                + "| `\(column.path.dropFirst())` |"
        }
        return (head + rows).joined(separator: "\n")
    }

    // MARK: - Fields

    private static func table(of node: SchemaNode, at path: String) -> String {
        (["| field | type | default | what it is |", "|---|---|---|---|"] + rows(below: node, at: path))
            .joined(separator: "\n")
    }

    /// A row for each member of an object, and for what is below it.
    private static func rows(below node: SchemaNode, at path: String) -> [String] {
        guard case .object(let properties) = node.shape else { return [] }
        return properties.flatMap { property -> [String] in
            let path = "\(path).\(property.name)"
            let standard = property.node.defaultValue.map { "`\($0.string ?? JSONSerializer().string($0))`" }
            var described = property.node
            described.defaultValue = nil
            let cells = [
                "`\(path)`", type(of: property.node), standard ?? (property.isRequired ? "required" : "–"),
                text(described.description),
            ]
            return ["| \(cells.joined(separator: " | ")) |"] + below(property.node, at: path)
        }
    }

    private static func below(_ node: SchemaNode, at path: String) -> [String] {
        if case .array(let items, _, _) = node.shape { return rows(below: items, at: "\(path)[]") }
        return rows(below: node, at: path)
    }

    private static func type(of node: SchemaNode) -> String {
        switch node.shape {
        case .object: "object"
        case .map: "map of texts"
        case .array(let items, _, _): "list of \(type(of: items))s"
        case .string(let rules): rules.isTime ? "time" : rules.values == nil ? "text" : "word"
        case .integer: "number"
        }
    }

    /// The rules across members, which the API server holds people to.
    private static func rules(of node: SchemaNode, at path: String) -> String {
        let lines = allRules(of: node, at: path)
        return lines.isEmpty ? "" : (["What the API server also demands:", ""] + lines).joined(separator: "\n")
    }

    private static func allRules(of node: SchemaNode, at path: String) -> [String] {
        let own = node.rules.map { "- `\(path)`: \(text($0.message))" }
        switch node.shape {
        case .object(let properties):
            return own + properties.flatMap { allRules(of: $0.node, at: "\(path).\($0.name)") }
        case .array(let items, _, _): return own + allRules(of: items, at: "\(path)[]")
        case .map, .string, .integer: return own
        }
    }

    /// Text as Markdown shows it as it is, in a cell of a table too.
    private static func text(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if "*|<>\\".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
