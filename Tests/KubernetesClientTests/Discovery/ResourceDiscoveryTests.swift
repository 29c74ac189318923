import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@testable import KubernetesClient

@Suite("Discovery", .timeLimit(.minutes(5)))
struct ResourceDiscoveryTests {
    private let clock = JumpingClock()
    private let gadget = GroupVersionKind(group: "example.com", version: "v1", kind: "Gadget")
    private let pod = GroupVersionKind(group: "", version: "v1", kind: "Pod")

    private let core = """
        {"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[
        {"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","verbs":["get"],"shortNames":["po"],
        "subresources":[{"subresource":"status"}]},{"resource":"x/../y","responseKind":{"kind":"Evil"}},
        {"resource":"nameless"}]}]}]}
        """

    private func groups(_ resources: String, freshness: String = "Current") -> String {
        """
        {"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.com"},"versions":[
        {"version":"v1","freshness":"\(freshness)","resources":[\(resources)]}]}]}
        """
    }

    private let gadgets = """
        {"resource":"gadgets","responseKind":{"kind":"Gadget"},"scope":"Cluster","verbs":["list","watch"]}
        """

    private func discovery(_ answers: [FakeTransport.Answer]) -> (ResourceDiscovery, FakeTransport) {
        let transport = FakeTransport(answers)
        let client = APIClient(transport: transport, userAgent: "example/1", retryPolicy: .none, clock: clock)
        return (ResourceDiscovery(client, clock: clock), transport)
    }

    @Test("an aggregated document says everything in two requests, and nothing is asked again for ten minutes")
    func aggregated() async throws {
        let (discovery, transport) = discovery([
            .answer(200, core, ["etag": "\"c\""]), .answer(200, groups(gadgets), ["etag": "\"g\""]), .answer(304, ""),
            .answer(304, ""),
        ])
        let pods = try await discovery.resource(of: pod)
        #expect(
            pods.type == ResourceType(group: "", version: "v1", plural: "pods", kind: "Pod", isNamespaced: true)
        )
        #expect(pods.subresources == ["status"] && pods.shortNames == ["po"] && pods.verbs == ["get"])
        let found = try await discovery.resource(of: gadget)
        #expect(found.type.path(name: "a") == "/apis/example.com/v1/gadgets/a" && !found.type.isNamespaced)
        #expect(discovery.knownResources.map(\.type.kind) == ["Pod", "Gadget"])
        #expect(transport.requests.map(\.path) == ["/api", "/apis"])
        #expect(transport.requests[0].headers["accept"]?.contains("v=v2;as=APIGroupDiscoveryList") == true)
        clock.advance(by: .seconds(600))
        #expect(try await discovery.resource(of: gadget) == found)
        #expect(transport.requests[2...].map { $0.headers["if-none-match"] } == ["\"c\"", "\"g\""])
    }

    @Test("a kind that is not served is looked for again after five seconds, and not before")
    func negative() async throws {
        let (discovery, transport) = discovery([
            .answer(200, core), .answer(200, groups("")), .answer(200, core), .answer(200, groups(gadgets)),
        ])
        for _ in 0..<2 {
            let error = await #expect(throws: APIError.self) { try await discovery.resource(of: gadget) }
            #expect(error?.code == .notFound && error?.message.contains("example.com/v1 Gadget") == true)
        }
        clock.advance(by: .milliseconds(4999))
        await #expect(throws: APIError.self) { try await discovery.resource(of: gadget) }
        #expect(transport.requests.count == 2)
        clock.advance(by: .milliseconds(1))
        #expect(try await discovery.resource(of: gadget).type.plural == "gadgets")
    }

    @Test("a group whose server is away keeps its kinds; one that is gone does not")
    func stale() async throws {
        let (discovery, _) = discovery([
            .answer(200, core), .answer(200, groups(gadgets)), .answer(200, core),
            .answer(200, groups("", freshness: "Stale")), .answer(200, core), .answer(200, groups("")),
        ])
        let found = try await discovery.resource(of: gadget)
        try await discovery.refresh()
        #expect(try await discovery.resource(of: gadget) == found)
        try await discovery.refresh()
        await #expect(throws: APIError.self) { try await discovery.resource(of: gadget) }
    }

    @Test("without the aggregated form each group version is asked; one that fails hides neither itself nor others")
    func plain() async throws {
        let versions = FakeTransport.Answer.answer(200, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}")
        let pods = FakeTransport.Answer.answer(
            200,
            """
            {"kind":"APIResourceList","groupVersion":"v1","resources":[
            {"name":"pods","kind":"Pod","namespaced":true,"verbs":["get"]},{"name":"pods/status","kind":"Pod"},
            {"name":"a/../b/c","kind":"Evil"}]}
            """
        )
        let list = FakeTransport.Answer.answer(
            200,
            """
            {"kind":"APIGroupList","groups":[{"name":"example.com","versions":[{"version":"v1"}]}]}
            """
        )
        let gadgets = FakeTransport.Answer.answer(
            200,
            """
            {"kind":"APIResourceList","resources":[{"name":"gadgets","kind":"Gadget","namespaced":false}]}
            """
        )
        let (discovery, transport) = discovery([
            versions, pods, list, gadgets, versions, pods, list, .answer(503, "service unavailable"),
        ])
        #expect(try await discovery.resource(of: pod).subresources == ["status"])
        let found = try await discovery.resource(of: gadget)
        #expect(transport.requests.map(\.path) == ["/api", "/api/v1", "/apis", "/apis/example.com/v1"])
        try await discovery.refresh()
        #expect(try await discovery.resource(of: gadget) == found)
        #expect(discovery.knownResources.count == 2)
    }

    @Test("when the server cannot be asked, what is known goes on being used")
    func outage() async throws {
        let (discovery, _) = discovery([.answer(200, core), .answer(200, groups(gadgets)), .answer(503, "")])
        let found = try await discovery.resource(of: gadget)
        clock.advance(by: .seconds(601))
        #expect(try await discovery.resource(of: gadget) == found)
        let (without, _) = self.discovery([.answer(503, "")])
        await #expect(throws: APIError.self) { try await without.resource(of: gadget) }
    }

    @Test(
        "what is no discovery document is an error",
        arguments: ["", "null", "[]", "{}", "{\"kind\":\"Pod\"}", "<html>"]
    )
    func malformed(text: String) async {
        let (discovery, _) = discovery([.answer(200, text)])
        let error = await #expect(throws: APIError.self) { try await discovery.refresh() }
        #expect(error?.code == .malformedResponse)
    }
}
