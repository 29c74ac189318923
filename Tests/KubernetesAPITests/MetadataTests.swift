import FoundationEssentials
import KubernetesAPI
import Testing

@Suite struct MetadataTests {
    @Test("paths follow group, namespace, name and subresource")
    func paths() {
        #expect(Pod.resource.path() == "/api/v1/pods")
        #expect(
            Pod.resource.path(namespace: "shop", name: "web-0", subresource: "status")
                == "/api/v1/namespaces/shop/pods/web-0/status"
        )
        #expect(Lease.resource.path(namespace: "a/b") == "/apis/coordination.k8s.io/v1/namespaces/a%2Fb/leases")
        #expect(Namespace.resource.path(namespace: "ignored", name: "x") == "/api/v1/namespaces/x")
    }

    @Test("selectors match as the API defines them")
    func selectors() {
        let labels = ["app": "web", "tier": "front"]
        func matches(_ key: String, _ operation: LabelSelector.Requirement.Operator, _ values: [String]? = nil) -> Bool
        {
            LabelSelector(matchExpressions: [.init(key: key, operator: operation, values: values)]).matches(labels)
        }
        #expect(LabelSelector().matches([:]))
        #expect(LabelSelector(matchLabels: ["app": "web"]).matches(labels))
        #expect(!LabelSelector(matchLabels: ["app": "api"]).matches(labels))
        #expect(matches("app", .in, ["web", "api"]) && !matches("app", .in, []))
        #expect(matches("zone", .notIn, ["a"]) && !matches("app", .notIn, ["web"]))
        #expect(matches("app", .exists) && matches("zone", .doesNotExist) && !matches("app", .doesNotExist))
    }

    @Test("a condition keeps its transition time while its status stays")
    func conditions() {
        func condition(_ status: Condition.Status, at seconds: Double, _ reason: String) -> Condition {
            Condition(
                type: "Ready",
                status: status,
                lastTransitionTime: KubernetesTime(Date(timeIntervalSince1970: seconds)),
                reason: reason,
                message: ""
            )
        }
        var conditions: [Condition] = []
        conditions.set(condition(.true, at: 1, "A"))
        conditions.set(condition(.true, at: 2, "B"))
        #expect(conditions[type: "Ready"]?.lastTransitionTime.date.timeIntervalSince1970 == 1)
        #expect(conditions[type: "Ready"]?.reason == "B")
        conditions.set(condition(.false, at: 3, "C"))
        #expect(conditions[type: "Ready"]?.lastTransitionTime.date.timeIntervalSince1970 == 3)
        conditions.remove(type: "Ready")
        #expect(conditions.isEmpty)
    }

    @Test("objects decode with members absent or null, and encode without empty collections")
    func objects() throws {
        let pod = try JSONDecoder().decode(
            Pod.self,
            from: Data(#"{"metadata":{"name":"a","labels":null},"status":{}}"#.utf8)
        )
        #expect(pod.metadata.labels.isEmpty && pod.status?.containerStatuses == nil)
        let list = try JSONDecoder().decode(
            ObjectList<Pod>.self,
            from: Data(#"{"metadata":{"resourceVersion":"7"},"items":null}"#.utf8)
        )
        #expect(list.items.isEmpty && list.metadata.resourceVersion == "7")
        let text = String(decoding: try JSONEncoder().encode(ObjectMeta(name: "x")), as: UTF8.self)
        #expect(text == #"{"name":"x"}"#)
    }
}
