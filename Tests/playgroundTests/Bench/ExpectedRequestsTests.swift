import Testing

@testable import playground

@Suite("The requests that the operator's design implies")
struct ExpectedRequestsTests {
    @Test("of an operator that has nothing to do: renewals, accounts and watches, and no list or other write")
    func quiet() {
        let minute = ExpectedRequests(duration: .seconds(60), namespaces: 10)
        #expect(minute.renewals == 31 && minute.quiet == 31 + 20 + 5)
        #expect(minute.writes == 0 && minute.lists == 0)
        #expect(minute.most("update", "leases") == 31)
        #expect(minute.most("get", "serviceaccounts") == 20)
        #expect(minute.most("watch", "pods") == 1 && minute.most("watch", "secrets") == nil)
        for (verb, resource) in [
            ("list", "pods"), ("create", "events"), ("create", "imageverifications"), ("delete", "imageverifications"),
            ("patch", "imageverifications/status"), ("patch", "clustertrustpolicies/status"),
        ] {
            #expect(minute.most(verb, resource) == 0, "\(verb) \(resource)")
        }
        // A watch lives for five minutes at least.
        let longer = ExpectedRequests(duration: .seconds(300), namespaces: 10)
        #expect(longer.most("watch", "pods") == 2 && longer.quiet == 151 + 60 + 10)
    }

    @Test("at the start: what fills the copies, and what is written about each image once")
    func start() {
        let start = ExpectedRequests(duration: .seconds(3), namespaces: 10, newImages: 1000)
        #expect(start.most("create", "imageverifications") == 1000)
        #expect(start.most("patch", "imageverifications/status") == 1000)
        #expect(start.most("create", "events") == 1001)
        #expect(start.most("patch", "clustertrustpolicies/status") == 14)
        #expect(start.writes == 3001 + 14 && start.lists == 5)
        #expect(start.most("list", "pods") == 1 && start.most("list", "secrets") == 0)
        #expect(start.most("watch", "pods") == 2 && start.most("create", "leases") == nil)
    }
}
