import KubernetesAPI
import KubernetesClient
import Testing

@Suite("Watch events")
struct WatchNotificationTests {
    private func read(_ line: String) throws -> WatchNotification<Gadget> {
        try WatchNotification(line: Array(line.utf8))
    }

    @Test("objects, bookmarks and failures are told apart")
    func kinds() throws {
        guard case .added(let object) = try read("{\"type\":\"ADDED\",\"object\":\(Gadget.json("a"))}") else {
            Issue.record("not added")
            return
        }
        #expect(object.metadata.name == "a" && object.spec.size == 1)
        guard case .modified = try read("{\"type\":\"MODIFIED\",\"object\":\(Gadget.json("a"))}"),
            case .deleted = try read("{\"type\":\"DELETED\",\"object\":\(Gadget.json("a"))}")
        else {
            Issue.record("not modified or deleted")
            return
        }
        let bookmark = try read(
            #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","creationTimestamp":null}}}"#
        )
        guard case .bookmark(let metadata) = bookmark else {
            Issue.record("no bookmark")
            return
        }
        #expect(metadata.resourceVersion == "9" && !bookmark.endsInitialEvents)
        let end = try read(
            #"{"type":"BOOKMARK","object":{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"}}}}"#
        )
        #expect(end.endsInitialEvents)
        guard case .failed(let error) = try read("{\"type\":\"ERROR\",\"object\":\(Gadget.status(410, "Expired"))}")
        else {
            Issue.record("no failure")
            return
        }
        #expect(error.isExpired && error.code == .expired)
    }

    @Test("an object of a form that is not expected keeps its metadata")
    func unreadable() throws {
        let line = "{\"type\":\"DELETED\",\"object\":\(Gadget.json("a", version: "5", size: "\"large\""))}"
        guard case .unreadable(let metadata, let isDeletion, let cause) = try read(line) else {
            Issue.record("readable")
            return
        }
        #expect(metadata.name == "a" && metadata.resourceVersion == "5" && isDeletion)
        #expect(cause == "object.spec.size is no Int")
    }

    @Test(
        "what is no event is an error that shows none of it",
        arguments: [
            "", "<html>secret</html>", "[]", "{}", #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":{}}"#,
            #"{"type":"ADDED","object":"secret"}"#, #"{"type":"secret","object":{}}"#, #"{"type":"ERROR","object":7}"#,
            #"{"type":"ADDED","object":{"metadata":{"name":"a""#,
        ]
    )
    func garbage(line: String) {
        let error = #expect(throws: APIError.self) { try read(line) }
        #expect(error?.code == .malformedResponse)
        #expect(error?.message.contains("secret") == false)
    }
}
