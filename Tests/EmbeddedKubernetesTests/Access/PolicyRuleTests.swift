import JSONModel
import KubernetesAPI
import Testing

@testable import EmbeddedKubernetes

@Suite("Rules of Roles")
struct PolicyRuleTests {
    private func attributes(_ method: APIRequest.Method, _ target: String) -> RequestAttributes {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
            return APIRequest.QueryItem(pair[0], pair[1])
        }
        let request = APIRequest(method, parts[0], query: query)
        return RequestAttributes(request, RequestTarget(path: parts[0]), ClusterUser(name: "jane"))
    }

    @Test(
        "a request's verb, resource, name and namespace are read off its path",
        arguments: [
            (.get, "/api/v1/namespaces/shop/pods", "list pods shop "),
            (.get, "/api/v1/namespaces/shop/pods?watch=true", "watch pods shop "),
            (.get, "/api/v1/namespaces/shop/pods?watch=true&fieldSelector=metadata.name=a", "watch pods shop a"),
            (.get, "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name!=a", "list pods shop "),
            (.get, "/api/v1/namespaces/shop/pods/web", "get pods shop web"),
            (.post, "/api/v1/namespaces/shop/pods/web/eviction", "create pods/eviction shop web"),
            (.put, "/apis/example.dev/v1/namespaces/shop/widgets/w/status", "update widgets/status shop w"),
            (.patch, "/apis/example.dev/v1/widgets/w", "patch widgets  w"),
            (.delete, "/api/v1/namespaces/shop/pods", "deletecollection pods shop "),
            (.delete, "/api/v1/namespaces/shop/pods/web", "delete pods shop web"),
            (.get, "/api/v1/namespaces/shop", "get namespaces shop shop"),
            (.put, "/api/v1/namespaces/shop/finalize", "update namespaces/finalize shop shop"),
            (.get, "/api/v1", "get /api/v1"), (.post, "/healthz", "post /healthz"),
        ] as [(APIRequest.Method, String, String)]
    )
    func reading(_ method: APIRequest.Method, _ path: String, _ expected: String) {
        let read = attributes(method, path)
        let text =
            read.isResource
            ? "\(read.verb) \(read.combinedResource) \(read.namespace) \(read.name)" : "\(read.verb) \(read.path)"
        #expect(text == expected)
    }

    @Test(
        "a rule allows what it names, and nothing else",
        arguments: [
            (["get"], [""], ["pods"], [], "GET /api/v1/namespaces/a/pods/x", true),
            (["*"], ["*"], ["*"], [], "DELETE /apis/apps/v1/namespaces/a/deployments/x", true),
            (["get"], [""], ["pods"], [], "GET /api/v1/namespaces/a/pods/x/log", false),
            (["get"], [""], ["pods/log"], [], "GET /api/v1/namespaces/a/pods/x/log", true),
            (["get"], [""], ["*/log"], [], "GET /api/v1/namespaces/a/pods/x/log", true),
            (["get"], [""], ["*/log"], [], "GET /api/v1/namespaces/a/pods/x", false),
            (["get"], ["apps"], ["pods"], [], "GET /api/v1/namespaces/a/pods/x", false),
            (["get"], [""], ["secrets"], ["k"], "GET /api/v1/namespaces/a/secrets/k", true),
            (["get"], [""], ["secrets"], ["k"], "GET /api/v1/namespaces/a/secrets/other", false),
            (["list"], [""], ["secrets"], ["k"], "GET /api/v1/namespaces/a/secrets", false),
            (["create"], [""], ["secrets"], ["k"], "POST /api/v1/namespaces/a/secrets", false),
            (["list"], [""], ["pods"], [], "GET /api/v1/namespaces/a/pods/x", false),
        ] as [([String], [String], [String], [String], String, Bool)]
    )
    func matching(
        _ verbs: [String],
        _ groups: [String],
        _ resources: [String],
        _ names: [String],
        _ line: String,
        _ isAllowed: Bool
    ) throws {
        let parts = line.split(separator: " ").map(String.init)
        let rule = PolicyRule(verbs, apiGroups: groups, resources: resources, resourceNames: names)
        let method = try #require(APIRequest.Method(rawValue: parts[0]))
        #expect(rule.allows(attributes(method, parts[1])) == isAllowed)
    }

    @Test("paths match whole, or by a star at their end")
    func paths() {
        let rule = PolicyRule(["get"], nonResourceURLs: ["/healthz", "/apis/*"])
        #expect(rule.allows(attributes(.get, "/healthz")) && rule.allows(attributes(.get, "/apis/apps")))
        #expect(!rule.allows(attributes(.get, "/healthz/etcd")) && !rule.allows(attributes(.get, "/apis")))
        #expect(!rule.allows(attributes(.post, "/healthz")))
    }

    @Test("covering is having each verb, group, resource and name")
    func covering() {
        let held = PolicyRule(["get", "list"], apiGroups: [""], resources: ["pods", "*/status"])
        func covers(_ verb: String, _ resource: String, names: [String] = []) -> Bool {
            PolicyRule([verb], apiGroups: [""], resources: [resource], resourceNames: names).parts
                .allSatisfy(held.covers)
        }
        #expect(covers("get", "pods") && covers("get", "pods", names: ["x"]) && covers("list", "widgets/status"))
        #expect(!covers("watch", "pods") && !covers("get", "secrets") && !covers("*", "pods"))
        let named = PolicyRule(["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["x"])
        let any = PolicyRule(["get"], apiGroups: [""], resources: ["pods"])
        #expect(!any.parts.allSatisfy(named.covers) && named.parts.allSatisfy(any.covers))
    }
}
