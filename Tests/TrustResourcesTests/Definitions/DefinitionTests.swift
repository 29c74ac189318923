import JSONModel
import KubernetesAPI
import TestDocuments
import Testing
import TrustResources

struct DefinitionTests {
    @Test("the files in config/crd are what the types generate", arguments: CustomResourceDefinitions.definitions)
    func files(_ definition: CustomResourceDefinition) throws {
        let file = "config/crd/\(definition.fileName)"
        let written = (try? Checkout.text(file)) ?? ""
        #expect(
            written == definition.yaml,
            "\(file) differs from Sources/TrustResources/Definitions: run `make generate`"
        )
    }

    @Test("no file in config/crd is left over, and the kustomization names them all")
    func leftovers() throws {
        let names = CustomResourceDefinitions.definitions.map(\.fileName).sorted()
        #expect(try Checkout.names(in: "config/crd", suffix: ".yaml") == ["kustomization.yaml"] + names)
        let kustomization = try YAMLText.documents(Checkout.text("config/crd/kustomization.yaml"))
        #expect(kustomization.first?["resources"]?.array?.compactMap(\.string) == names)
    }

    @Test("a definition written as YAML reads back as itself")
    func reading() throws {
        #expect(try YAMLText.documents(CustomResourceDefinitions.renderYAML()) == CustomResourceDefinitions.all)
    }

    @Test("every node is documented, typed and bounded", arguments: CustomResourceDefinitions.definitions)
    func nodes(_ definition: CustomResourceDefinition) throws {
        for part in ["spec", "status"] {
            let node = try #require(definition.schema.json.value(at: "properties", part))
            check(node, path: "\(definition.resource.kind).\(part)")
        }
    }

    private func check(_ node: JSONValue, path: String, isMapValue: Bool = false) {
        if !isMapValue { #expect(node["description"]?.string?.isEmpty == false, "\(path) is not documented") }
        switch node["type"]?.string {
        case "object":
            if let values = node["additionalProperties"] {
                #expect(node["maxProperties"]?.integer != nil, "\(path) has no bound")
                check(values, path: "\(path).*", isMapValue: true)
            } else {
                for (name, property) in node["properties"]?.object ?? [:] { check(property, path: "\(path).\(name)") }
            }
        case "array":
            #expect(node["maxItems"]?.integer != nil, "\(path) has no bound")
            #expect(node["x-kubernetes-list-type"] != nil, "\(path) does not say how it is merged")
            if let items = node["items"] { check(items, path: "\(path)[]") }
        case "string":
            #expect(node["enum"] != nil || node["maxLength"] != nil, "\(path) has no bound")
            if let pattern = node["pattern"]?.string {
                #expect(pattern.hasPrefix("^") && pattern.hasSuffix("$"), "\(path): the pattern is not anchored")
            }
        case "integer": #expect(node["minimum"] != nil, "\(path) has no bound")
        default: Issue.record("\(path) has type \(node["type"]?.string ?? "none")")
        }
    }

    @Test("the columns are those people look for, and each reads a field that exists")
    func columns() {
        let shown = { (definition: CustomResourceDefinition) in definition.columns.filter { !$0.isWide }.map(\.name) }
        #expect(
            shown(CustomResourceDefinitions.imageVerification)
                == ["Image", "Verdict", "Reason", "Signer", "Pods", "Fresh", "Age"]
        )
        let policy = ["Ready", "Images", "Trusted", "Untrusted", "Unknown", "Expires", "Age"]
        #expect(shown(CustomResourceDefinitions.trustPolicy) == policy)
        #expect(shown(CustomResourceDefinitions.clusterTrustPolicy) == policy)
        for definition in CustomResourceDefinitions.definitions {
            for column in definition.columns where column.path.hasPrefix(".status") && !column.path.contains("[") {
                var node = definition.schema.json
                for name in column.path.split(separator: ".") {
                    node = node.value(at: "properties", String(name)) ?? .null
                }
                #expect(node["type"]?.string == (column.type == "integer" ? "integer" : "string"), "\(column.path)")
            }
        }
    }

    @Test("every definition has a status subresource, its short name and the category")
    func names() {
        #expect(CustomResourceDefinitions.definitions.map(\.shortName) == ["ctp", "iv", "tp"])
        for json in CustomResourceDefinitions.all {
            let version = json.value(at: "spec", "versions")?.array?.first
            #expect(version?.value(at: "subresources", "status") == [:])
            #expect(json.value(at: "spec", "names", "categories") == ["vigil"])
        }
    }
}
