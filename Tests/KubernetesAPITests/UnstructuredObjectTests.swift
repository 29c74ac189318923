import JSONModel
import KubernetesAPI
import Testing

@Suite("Objects as JSON")
struct UnstructuredObjectTests {
    private let resource = ResourceType(
        group: "example.com",
        version: "v1",
        plural: "gadgets",
        kind: "Gadget",
        isNamespaced: true
    )

    @Test("an object says what and where it is")
    func identity() {
        let object = UnstructuredObject(resource, name: "a", namespace: "shop")
        #expect(object.apiVersion == "example.com/v1" && object.kind == "Gadget")
        #expect(object.key == ObjectKey(namespace: "shop", name: "a"))
        #expect(object.uid == nil && object.resourceVersion == nil)
        #expect(UnstructuredObject(.array([])) == nil)
        #expect(UnstructuredObject(["metadata": "odd"]).key.name == "")
    }

    @Test("values are set, replaced and removed by their path")
    func paths() {
        var object = UnstructuredObject(["spec": ["size": 1, "odd": 2]])
        object["spec", "size"] = 5
        object["spec", "odd", "deep"] = true
        object["status", "phase"] = "x"
        object["absent", "deep"] = nil
        #expect(object.json == ["spec": ["size": 5, "odd": ["deep": true]], "status": ["phase": "x"]])
        object["spec", "odd"] = nil
        object["status"] = nil
        #expect(object.json == ["spec": ["size": 5]])
        #expect(object["spec", "size"] == 5 && object["spec", "size", "x"] == nil)
    }

    @Test("kinds are read out of apiVersion and kind")
    func kinds() {
        #expect(GroupVersionKind(apiVersion: "v1", kind: "Pod")?.group == "")
        let lease = GroupVersionKind(apiVersion: "coordination.k8s.io/v1", kind: "Lease")
        #expect(lease?.group == "coordination.k8s.io" && lease?.description == "coordination.k8s.io/v1 Lease")
        for apiVersion in ["", "/", "a/", "/v1", "a/b/c"] {
            #expect(GroupVersionKind(apiVersion: apiVersion, kind: "Pod") == nil)
        }
        #expect(GroupVersionKind(apiVersion: "v1", kind: "") == nil)
    }
}
