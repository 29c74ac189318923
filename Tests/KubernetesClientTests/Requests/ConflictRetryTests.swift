import JSONModel
import KubernetesAPI
import KubernetesClient
import Testing

@Suite("Changes that lose against others")
struct ConflictRetryTests {
    private let clock = JumpingClock()

    private func gadgets(_ transport: FakeTransport) -> ResourceClient<Gadget> {
        APIClient(transport: transport, userAgent: "example/1", clock: clock, spread: { 1 }).resource()
    }

    private func read(_ version: Int) -> FakeTransport.Answer { .answer(200, Gadget.json("a", version: "\(version)")) }
    private let conflict = FakeTransport.Answer.answer(409, Gadget.status(409, "Conflict"))

    @Test("each attempt changes what was read anew, and waits as the policy says")
    func again() async throws {
        let transport = FakeTransport([read(1), conflict, read(2), conflict, read(3), read(4)])
        let stored = try await gadgets(transport).update("a", namespace: "shop", subresource: "status") { gadget in
            gadget.spec.size += 1
            return true
        }
        #expect(stored.metadata.resourceVersion == "4")
        #expect(transport.requests.map(\.method) == [.get, .put, .get, .put, .get, .put])
        #expect(transport.requests[1].path.hasSuffix("/gadgets/a/status"))
        #expect(String(decoding: transport.requests[5].body ?? [], as: UTF8.self).contains("\"resourceVersion\":\"3\""))
        #expect(clock.sleeps == [.milliseconds(11), .milliseconds(11)])
    }

    @Test("after the last attempt the conflict is returned")
    func end() async {
        let transport = FakeTransport((0..<20).flatMap { [read($0), conflict] })
        let error = await #expect(throws: APIError.self) {
            try await gadgets(transport).update("a", namespace: "shop", retry: .contended) { _ in true }
        }
        #expect(error?.code == .conflict)
        #expect(transport.requests.count == 8)
        #expect(clock.sleeps == [.milliseconds(11), .milliseconds(55), .milliseconds(275)])
    }

    @Test("other failures, among them a name that is taken, are returned at once; without a change nothing is written")
    func once() async throws {
        let transport = FakeTransport([read(1), .answer(409, Gadget.status(409, "AlreadyExists")), read(1)])
        let error = await #expect(throws: APIError.self) {
            try await gadgets(transport).update("a", namespace: "shop") { _ in true }
        }
        #expect(error?.code == .alreadyExists)
        _ = try await gadgets(transport).update("a", namespace: "shop") { _ in false }
        #expect(transport.requests.count == 3)
    }

    @Test("an object without a type is changed the same way, whole even where its metadata alone is read")
    func dynamic() async throws {
        let transport = FakeTransport([read(1), conflict, read(2), read(3)])
        let client = APIClient(transport: transport, userAgent: "example/1", clock: clock, spread: { 1 })
        let gadgets = client.dynamic(Gadget.resource, .metadata)
        let stored = try await gadgets.update("a", namespace: "shop") { gadget in
            gadget["spec", "size"] = 9
            return true
        }
        #expect(stored.resourceVersion == "3")
        #expect(transport.requests.map(\.method) == [.get, .put, .get, .put])
        #expect(transport.requests[0].headers["accept"]?.contains("PartialObjectMetadata") != true)
        let body = try JSONParser().parse(transport.requests[3].body ?? [])
        #expect(body.value(at: "spec", "size") == 9 && body.value(at: "metadata", "resourceVersion") == "2")
        #expect(clock.sleeps == [.milliseconds(11)])
    }
}
