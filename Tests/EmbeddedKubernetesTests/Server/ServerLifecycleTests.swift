import EmbeddedKubernetes
import FoundationEssentials
import Logging
import ServiceLifecycle
import Testing

@Suite("The server's life")
struct ServerLifecycleTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test("It tells its port, and stops when its service group shuts down")
    func shutdown() async throws {
        let server = EmbeddedAPIServer(cluster: EmbeddedCluster())
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: Self.silent))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try await server.boundPort()
            #expect(port > 0)
            #expect(try await server.boundPort() == port)
            #expect(server.kubeconfig(port: port).contains("http://127.0.0.1:\(port)"))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test(
        "Open watches do not hold the shutdown up",
        .timeLimit(.minutes(5)),
        .enabled(if: try Kubectl.isInstalled, Kubectl.reason)
    )
    func watches() async throws {
        let cluster = EmbeddedCluster()
        let server = EmbeddedAPIServer(cluster: cluster)
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: Self.silent))
        let home = FileManager.default.temporaryDirectory.appending(path: "lifecycle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try await server.boundPort()
            try Data(server.kubeconfig(port: port).utf8).write(to: home.appending(path: "config"))
            let kubectl = Kubectl(home: home.path, port: port)
            tasks.addTask { _ = try await kubectl("get", "namespaces", "-w") }
            while await cluster.openWatches == 0 { await Task.yield() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(await cluster.openWatches == 0)
    }

    @Test("An address that cannot be had is an error, for the server and for who waits for its port")
    func refused() async throws {
        let server = EmbeddedAPIServer(cluster: EmbeddedCluster(), host: "203.0.113.1", port: 1)
        await #expect(throws: (any Error).self) { try await server.run() }
        await #expect(throws: CancellationError.self) { try await server.boundPort() }
    }
}
