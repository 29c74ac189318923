import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Informers of several namespaces", .timeLimit(.minutes(5)))
struct NamespacedInformersTests {
    private typealias JSON = WidgetJSON

    @Test("are one, and refuse to answer for a namespace that nobody watches")
    func together() async throws {
        let transport = ScriptedTransport { request, _ in
            let namespace = request.path.contains("/namespaces/blue/") ? "blue" : "green"
            let version = namespace == "blue" ? 7 : 900
            let line = JSON.line("ADDED", "a", version).replacing(
                #""namespace":"shop""#,
                with: "\"namespace\":\"\(namespace)\""
            )
            return .stream([line + JSON.bookmark(version, ends: true)], .silence)
        }
        let informers = NamespacedInformers<Widget, String>(["blue", "green"]) { selection in
            Informer(
                client: APIClient(transport: transport, userAgent: "test/1"),
                selection: selection,
                clock: ManualClock(),
                project: { $0.spec.color }
            )
        }
        let log = ChangeLog()
        informers.addHandler { log.append($0) }
        #expect(informers.name == "widgets.example.com in blue, green" && !informers.hasSynced)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informers.run() }
            try await informers.waitUntilSynced()
            #expect(informers.count == 2 && informers.objects.count == 2 && log.lines.count == 2)
            #expect(try informers.value(ObjectKey(namespace: "blue", name: "a")) == "red")
            #expect(try informers.object(ObjectKey(namespace: "blue", name: "b")) == nil)
            #expect(try informers.objects(inNamespace: "green").count == 1)
            for namespace in ["red", nil] {
                let error = #expect(throws: NamespaceNotWatched.self) {
                    try informers.object(ObjectKey(namespace: namespace, name: "a"))
                }
                #expect(error?.description.contains("not watched here; watched are: blue, green") == true)
            }
            let version = try #require(ResourceVersion("8"))
            #expect(
                !informers.hasSeen(version, inNamespace: "blue") && informers.hasSeen(version, inNamespace: "green")
            )
            #expect(!informers.hasSeen(version, inNamespace: "red") && !informers.hasSeen(version, inNamespace: nil))
            group.cancelAll()
        }
        #expect(Set(transport.requests.map(\.path)).count == 2)
    }
}
