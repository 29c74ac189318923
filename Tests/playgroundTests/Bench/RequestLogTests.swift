import KubernetesAPI
import Testing

@testable import playground

@Suite("The log of requests")
struct RequestLogTests {
    private static let group = "/apis/vigil.dev/v1alpha1"

    @Test(
        "names verb and resource as RBAC does",
        arguments: [
            (APIRequest(.get, "/api/v1/pods"), "list", "pods"),
            (APIRequest(.get, "/api/v1/pods", query: [.init("watch", "true")]), "watch", "pods"),
            (APIRequest(.get, "/api/v1/namespaces"), "list", "namespaces"),
            (APIRequest(.get, "/api/v1/namespaces/shop"), "get", "namespaces"),
            (APIRequest(.get, "/api/v1/namespaces/shop/pods/web-0"), "get", "pods"),
            (APIRequest(.post, "\(group)/namespaces/shop/imageverifications"), "create", "imageverifications"),
            (
                APIRequest(.patch, "\(group)/namespaces/shop/imageverifications/x/status"), "patch",
                "imageverifications/status"
            ),
            (APIRequest(.put, "/apis/coordination.k8s.io/v1/namespaces/a/leases/vigil"), "update", "leases"),
            (APIRequest(.delete, "\(group)/clustertrustpolicies/all"), "delete", "clustertrustpolicies"),
            (APIRequest(.delete, "\(group)/clustertrustpolicies"), "deletecollection", "clustertrustpolicies"),
            (APIRequest(.get, "/"), "list", ""),
        ]
    )
    func classified(_ request: APIRequest, _ verb: String, _ resource: String) {
        let entry = RequestLog.Entry(request, arrived: .now)
        #expect(entry.verb == verb && entry.resource == resource)
    }

    @Test("tells writes from reads, and the Lease from both")
    func writes() {
        let lease = APIRequest(.put, "/apis/coordination.k8s.io/v1/namespaces/a/leases/vigil")
        let event = APIRequest(.post, "/apis/events.k8s.io/v1/namespaces/a/events")
        let log = RequestLog()
        for request in [lease, event, APIRequest(.get, "/api/v1/pods")] { log.record(request) }
        #expect(log.entries(after: 0).map(\.isWrite) == [false, true, false])
        #expect(log.entries(after: 0).map(\.isWriteOfLease) == [true, false, false])
        #expect(log.entries(after: 2).map(\.verb) == ["list"])
        #expect(log.count(where: \.isWrite) == 1 && log.first(where: \.isWrite)?.resource == "events")
    }

    @Test("is shown by kind, each beside what the operator's design implies")
    func budgets() {
        let pods = APIRequest(.get, "/api/v1/pods")
        let account = APIRequest(.get, "/api/v1/namespaces/a/serviceaccounts/default")
        let other = APIRequest(.get, "/api/v1/namespaces/a/secrets/b")
        let entries = [pods, account, other, pods].map { RequestLog.Entry($0, arrived: .now) }
        let quiet = ExpectedRequests(duration: .seconds(60), namespaces: 3)
        let budgets = RequestLog.budgets(entries, quiet)
        #expect(
            budgets.map(\.what) == ["requests: get secrets", "requests: get serviceaccounts", "requests: list pods"]
        )
        #expect(budgets.map(\.measured) == ["1", "1", "2"])
        #expect(budgets.map(\.allowed) == ["(shown)", "≤ 6", "none"])
        #expect(budgets.map(\.isMet) == [nil, true, false])
    }
}
