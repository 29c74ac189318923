import FoundationEssentials
import JSONModel
import TestDocuments

@testable import TrustResources
@testable import VigilCommand

/// What a block of YAML or JSON must be: an object that we would take, a configuration, or a part of an object.
enum DataBlockRules {
    /// Within the life of the certificates in the samples.
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// What is wrong with a block of JSON.
    static func jsonViolations(in block: MarkdownPage.Block) -> [String] {
        do {
            _ = try JSONParser().parse(Array(block.text.utf8))
            return []
        } catch {
            return ["is no JSON: \(error)"]
        }
    }

    /// What is wrong with a block of YAML, as far as no cluster and no other program is needed to tell.
    ///
    /// A block that is labelled `values` is for the chart, which ``DataBlockTests`` has Helm judge.
    static func yamlViolations(in block: MarkdownPage.Block) -> [String] {
        do {
            let documents = try YAMLText.documents(block.text).filter { $0 != .null }
            guard !documents.isEmpty else { return ["is empty"] }
            guard block.label != "values" else { return [] }
            let objects = documents.filter { $0["kind"] != nil }
            if objects.isEmpty { return documents.flatMap { partViolations(of: $0, in: block) } }
            guard objects.count == documents.count else { return ["some of its documents have no kind"] }
            return objects.flatMap(objectViolations) + policyViolations(in: block, objects)
        } catch {
            return ["is no YAML: \(error)"]
        }
    }

    private static func objectViolations(_ object: JSONValue) -> [String] {
        let kind = object["kind"]?.string ?? ""
        let definition = CustomResourceDefinitions.definition(forKind: kind)
        return (definition?.schema.validate(object) ?? []).map { "\(kind): \($0.description)" }
    }

    /// What `vigil policy check` calls an error.
    private static func policyViolations(in block: MarkdownPage.Block, _ objects: [JSONValue]) -> [String] {
        let kinds = objects.compactMap { $0["kind"]?.string }
        guard kinds.contains("TrustPolicy") || kinds.contains("ClusterTrustPolicy") else { return [] }
        let bytes = Array(block.text.utf8)
        var check = PolicyCheck(now: now)
        do {
            try check.read(["-"], InputFiles(standardInput: { _ in bytes }))
        } catch {
            return [error.message]
        }
        return check.remarks.filter { $0.severity == .error }.map { "\($0.rule): \($0.message)" }
    }

    /// What has no kind: a configuration of the operator, or a part of one of our objects.
    private static func partViolations(of value: JSONValue, in block: MarkdownPage.Block) -> [String] {
        guard let names = value.object?.keys, !names.isEmpty else { return ["is no mapping"] }
        let groups = Set(Setting.all.compactMap { $0.key.split(separator: ".").first.map(String.init) })
        if groups.isSuperset(of: names) {
            var check = ConfigurationCheck()
            check.check(InputFiles.File(name: block.page, bytes: Array(block.text.utf8), isNamed: true))
            return check.problems.map(\.description)
        }
        let nodes = CustomResourceDefinitions.definitions.flatMap { parts(of: $0.schema.spec, having: Set(names)) }
        guard !nodes.isEmpty else {
            return ["is neither an object, nor a configuration, nor a part of an object of ours"]
        }
        let answers = nodes.map { node in
            var validator = SchemaValidator()
            validator.validate(value, against: node, path: "")
            // What else the object around it must have stands elsewhere.
            return validator.problems.filter { !$0.message.hasPrefix("is missing") }.map(\.description)
        }
        return answers.contains([]) ? [] : answers.first ?? []
    }

    /// The objects below a node that have all of these members.
    private static func parts(of node: SchemaNode, having names: Set<String>) -> [SchemaNode] {
        switch node.shape {
        case .object(let properties):
            let own = names.isSubset(of: properties.map(\.name)) ? [node] : []
            return own + properties.flatMap { parts(of: $0.node, having: names) }
        case .array(let items, _, _): return parts(of: items, having: names)
        case .map, .string, .integer: return []
        }
    }
}
