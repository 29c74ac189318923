import JSONModel
import Testing

@testable import VigilCommand

@Suite("Images of manifests")
struct ManifestImagesTests {
    private func images(_ text: String) throws -> ManifestImages {
        var images = ManifestImages()
        let file = InputFiles.File(name: "a.yaml", bytes: Array(text.utf8), isNamed: true)
        for document in try DocumentReader.read(file) { try images.add(document) }
        return images
    }

    private func message(_ text: String) -> String {
        do {
            _ = try images(text)
            return "read"
        } catch {
            return "\(error)"
        }
    }

    private static let podSpec = "{containers: [{name: web, image: web:1}]}"
    private static let template = "{metadata: {labels: {app: web}}, spec: \(podSpec)}"

    @Test(
        "every kind that runs pods is looked into",
        arguments: [
            ("v1", "Pod", "spec: \(podSpec)"), ("v1", "PodTemplate", "template: \(template)"),
            ("v1", "ReplicationController", "spec: {template: \(template)}"),
            ("apps/v1", "Deployment", "spec: {template: \(template)}"),
            ("apps/v1", "StatefulSet", "spec: {template: \(template)}"),
            ("apps/v1", "DaemonSet", "spec: {template: \(template)}"),
            ("apps/v1", "ReplicaSet", "spec: {template: \(template)}"),
            ("extensions/v1beta1", "Deployment", "spec: {template: \(template)}"),
            ("batch/v1", "Job", "spec: {template: \(template)}"),
            ("batch/v1", "CronJob", "spec: {jobTemplate: {spec: {template: \(template)}}}"),
            ("argoproj.io/v1alpha1", "Rollout", "spec: {template: \(template)}"),
        ]
    )
    func kinds(apiVersion: String, kind: String, body: String) throws {
        let found = try images(
            "apiVersion: \(apiVersion)\nkind: \(kind)\nmetadata: {name: app, namespace: shop}\n\(body)\n"
        )
        #expect(found.images.map(\.text) == ["web:1"])
        let source = try #require(found.images.first?.source)
        #expect(source.kind == kind)
        #expect(source.namespace == "shop")
        #expect(source.name == "app")
        #expect(source.container == "web")
        #expect(source.podLabels == (kind == "Pod" ? [:] : ["app": "web"]))
        #expect(source.description == "\(kind) shop/app, container web, in a.yaml")
    }

    @Test("regular, init and ephemeral containers and image volumes are all found, in order")
    func containerKinds() throws {
        let found = try images(
            """
            apiVersion: v1
            kind: Pod
            metadata: {generateName: web-, labels: {app: x}}
            spec:
              initContainers: [{name: setup, image: init:1}]
              containers: [{name: web, image: web:1}, {name: sidecar, image: web:1}]
              ephemeralContainers: [{name: debug, image: debug:1}]
              volumes: [{name: data, image: {reference: data:1, pullPolicy: Always}}, {name: tmp, emptyDir: {}}]
            """
        )
        #expect(found.images.map(\.text) == ["init:1", "web:1", "web:1", "debug:1", "data:1"])
        #expect(
            found.images.map(\.source.container) == ["init:setup", "web", "sidecar", "ephemeral:debug", "volume:data"]
        )
        #expect(found.images.allSatisfy { $0.source.name == "web-" && $0.source.podLabels == ["app": "x"] })
    }

    @Test("lists are looked into, nested ones and those of one kind whose items do not repeat it")
    func lists() throws {
        let found = try images(
            """
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"image": "a:1"}]}},
              {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [
                {"metadata": {"name": "b"}, "spec": {"template": {"spec": {"containers": [{"image": "b:1"}]}}}}]}]}
            """
        )
        #expect(found.images.map(\.text) == ["a:1", "b:1"])
        #expect(found.images.map(\.source.kind) == ["Pod", "Deployment"])
    }

    @Test(
        "other kinds are counted, documents that are no objects too, and a kind of another group is not taken for ours"
    )
    func others() throws {
        let found = try images(
            "kind: Service\napiVersion: v1\n---\nkind: Service\napiVersion: v1\n---\nkind: Pod\napiVersion: example.com/v1\n---\nreplicas: 3\n"
        )
        #expect(found.images.isEmpty)
        #expect(found.skippedKinds == ["Service": 2, "Pod": 1])
        #expect(found.otherDocuments == 1)
    }

    @Test("a container without an image is found as one, not left out")
    func missingImage() throws {
        let found = try images(
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}, {name: b, image: null}, {name: c, image: ''}]}\n"
        )
        #expect(found.images.map(\.text) == ["", "", ""])
    }

    @Test(
        "members of the wrong type are refused with document and field",
        arguments: [
            (
                "spec: {containers: [{name: a, image: 5}]}",
                "a.yaml, document 1, spec.containers[0]: image is integer, expected a string"
            ),
            ("spec: {containers: {a: b}}", "a.yaml, document 1, spec.containers: is object, expected a list"),
            ("spec: {containers: [web]}", "a.yaml, document 1, spec.containers[0]: is string, expected an object"),
            (
                "spec: {containers: [], volumes: [{image: x}]}",
                "a.yaml, document 1, spec.volumes[0].image: is string, expected an object"
            ),
            ("spec: 5", "a.yaml, document 1, spec: is missing"),
            ("metadata: {}", "a.yaml, document 1, spec: is missing"),
        ]
    )
    func wrongTypes(body: String, expected: String) {
        let text = "apiVersion: v1\nkind: Pod\n\(body)\n"
        #expect(message(text).hasPrefix(expected), "\(message(text))")
    }

    @Test("lists in lists without end are refused")
    func nestedLists() {
        var text = "{}"
        for _ in 0..<20 { text = "{kind: List, items: [\(text)]}" }
        #expect(message(text).contains("lists are nested deeper than 8 levels"))
    }
}
