import Foundation
import JSONModel
import KubernetesAPI
import TestDocuments
import Testing
import TrustResources

/// The health of Vigil's objects as Argo CD and Flux read it: the Lua of `config/gitops` run by a real Lua, beside the rules
/// of kstatus, on which Flux relies.
@Suite(.enabled(if: try InstallTool.areInstalled, InstallTool.reason), .timeLimit(.minutes(5)))
struct HealthRulesTests {
    /// A state of an object, and what both must make of it.
    struct State: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// `nil`: there is no status yet.
        var conditions: [(type: String, status: String)]?
        var isObserved = true
        var health: String
    }

    private static let states: [State] = [
        State(testDescription: "nobody has looked at it", conditions: nil, health: "Progressing"),
        State(testDescription: "in force", conditions: [("Ready", "True")], health: "Healthy"),
        State(
            testDescription: "changed since",
            conditions: [("Ready", "True")],
            isObserved: false,
            health: "Progressing"
        ),
        State(
            testDescription: "at work",
            conditions: [("Ready", "False"), ("Reconciling", "True")],
            health: "Progressing"
        ),
        State(
            testDescription: "needs a person",
            conditions: [("Ready", "False"), ("Stalled", "True")],
            health: "Degraded"
        ),
        State(
            testDescription: "needed a person before it was changed",
            conditions: [("Ready", "False"), ("Stalled", "True")],
            isObserved: false,
            health: "Progressing"
        ),
        State(testDescription: "waits for somebody else", conditions: [("Ready", "False")], health: "Progressing"),
        State(testDescription: "not known", conditions: [("Ready", "Unknown")], health: "Progressing"),
        State(
            testDescription: "in force, with a warning",
            conditions: [("TrustStoreExpiring", "True"), ("Ready", "True")],
            health: "Healthy"
        ),
        State(
            testDescription: "stalled no more",
            conditions: [("Stalled", "False"), ("Ready", "True")],
            health: "Healthy"
        ),
    ]

    private static func object(_ state: State) -> JSONValue {
        var object: [String: JSONValue] = ["metadata": ["name": "shop", "generation": 2]]
        if let conditions = state.conditions {
            object["status"] = [
                "observedGeneration": .integer(state.isObserved ? 2 : 1),
                "conditions": .array(
                    conditions.map {
                        [
                            "type": .string($0.type), "status": .string($0.status),
                            "message": .string("about \($0.type)"),
                        ]
                    }
                ),
            ]
        }
        return .object(object)
    }

    private static func scripts() throws -> [String: String] {
        let text = try Checkout.text("config/gitops/argocd_health.yaml")
        let settings = try #require(try YAMLText.documents(text).first?["data"]?.object)
        return settings.compactMapValues(\.string)
    }

    @Test("Argo CD's rules say what kstatus says, for every kind", arguments: states)
    func health(_ state: State) async throws {
        let scripts = try Self.scripts()
        let kinds = CustomResourceDefinitions.definitions.compactMap {
            $0.json.value(at: "spec", "names", "kind")?.string
        }
        #expect(Set(scripts.keys) == Set(kinds.map { "resource.customizations.health.vigil.dev_\($0)" }))
        for definition in CustomResourceDefinitions.definitions {
            let name = definition.resource.kind
            let script = try #require(scripts["resource.customizations.health.vigil.dev_\(name)"])
            let object = definition.schema.applyDefaults(to: Self.object(state))
            let program = """
                obj = \(Self.lua(object))
                local function health() \(script) end
                local result = health()
                io.write(result.status, "|", result.message)
                """
            let answer = try await InstallTool.lua("-e", program).split(separator: "|")
            #expect(answer.first.map(String.init) == state.health, "\(name)")
            #expect(answer.count == 2 && answer.last?.isEmpty == false, "\(name) says nothing to people")
            #expect(Self.kstatus(object) == state.health, "\(name)")
        }
    }

    @Test("the gate for Argo CD is one of ours, in a wave before the Deployment of the same image")
    func gate() throws {
        let objects = try YAMLText.documents(Checkout.text("config/gitops/argocd_gate.yaml"))
        try #require(objects.count == 2)
        let definition = try #require(CustomResourceDefinitions.definition(forKind: objects[0]["kind"]?.string ?? ""))
        #expect(definition.schema.validate(objects[0]).map(\.description) == [])
        let waves = objects.map { object in
            object.value(at: "metadata", "annotations", "argocd.argoproj.io/sync-wave")?.string ?? "0"
        }
        #expect(waves == ["-1", "0"])
        let pod = try #require(objects[1].value(at: "spec", "template", "spec"))
        let image = pod["containers"]?.array?.first?["image"]
        #expect(image != nil && image == objects[0].value(at: "spec", "image"))
    }

    @Test("the gate for Flux waits for what it applies, and what depends on it names it")
    func fluxGate() throws {
        let objects = try YAMLText.documents(Checkout.text("config/gitops/flux_gate.yaml"))
        try #require(objects.count == 2)
        let (gate, release) = (objects[0], objects[1])
        for object in objects {
            #expect(object["apiVersion"] == "kustomize.toolkit.fluxcd.io/v1" && object["kind"] == "Kustomization")
            // What the definition of Flux demands (kustomize-controller, api/v1/kustomization_types.go).
            for field in ["interval", "prune", "sourceRef"] {
                #expect(object["spec"]?[field] != nil, "\(field)")
            }
        }
        #expect(gate.value(at: "spec", "wait") == true && gate.value(at: "spec", "timeout") != nil)
        let dependencies = release.value(at: "spec", "dependsOn")?.array ?? []
        #expect(dependencies == [["name": gate.value(at: "metadata", "name") ?? .null]])
        #expect(gate.value(at: "metadata", "namespace") == release.value(at: "metadata", "namespace"))
        #expect(gate.value(at: "spec", "path") != release.value(at: "spec", "path"))
    }

    /// What kstatus makes of a custom resource, in Argo CD's words (cli-utils, `pkg/kstatus/status/status.go` and
    /// `generic.go`): an object that says nothing is current.
    private static func kstatus(_ object: JSONValue) -> String {
        let observed = object.value(at: "status", "observedGeneration")
        if observed != nil, observed != object.value(at: "metadata", "generation") { return "Progressing" }
        let conditions = object.value(at: "status", "conditions")?.array ?? []
        func value(_ type: String) -> String? { conditions.first { $0["type"]?.string == type }?["status"]?.string }
        if value("Reconciling") == "True" { return "Progressing" }
        if value("Stalled") == "True" { return "Degraded" }
        return ["True", nil].contains(value("Ready")) ? "Healthy" : "Progressing"
    }

    /// A JSON value as Lua writes it.
    private static func lua(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            "{" + members.map { "[\(quoted($0.key))] = \(lua($0.value))" }.joined(separator: ", ") + "}"
        case .array(let elements): "{" + elements.map(lua).joined(separator: ", ") + "}"
        case .string(let text): quoted(text)
        case .integer(let number): "\(number)"
        case .bool(let truth): "\(truth)"
        default: "nil"
        }
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
