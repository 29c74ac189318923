import ArgumentParser
import Foundation
import KubernetesAPI
import KubernetesRuntime
import Logging
import MetricsExposition
import Synchronization
import TestTiming
import Testing

@testable import VigilCommand

/// The file, looked at again and again.
@Suite("Watching the configuration", .timeLimit(.minutes(1))) struct ConfigurationWatchTests {
    /// What was applied, and what is to be refused.
    private final class Record: Sendable {
        let applied = Mutex<[OperatorConfiguration]>([])
        let refusal = Mutex<InputError?>(nil)
        let looks = Mutex(0)

        var levels: [Logger.Level] { applied.withLock { $0.map(\.logLevel) } }
        var count: Int { looks.withLock(\.self) }

        func apply(_ next: ReadConfiguration) throws(InputError) {
            if let error = refusal.withLock(\.self) { throw error }
            applied.withLock { $0.append(next.configuration) }
        }
    }

    /// A file that a watch looks at.
    private struct Scene {
        let path: String
        let record = Record()
        let lines = TextBuffer()
        let clock = ManualClock()
        let state: ConfigurationState
        let watch: ConfigurationWatch

        init(path: String) throws {
            self.path = path
            let reader = ConfigurationReader(layers: try ConfigurationLayers(), path: path)
            let output = LogOutput(level: .debug, sink: lines, now: { Date(timeIntervalSince1970: 0) })
            state = ConfigurationState(try reader.read(), at: Date(timeIntervalSince1970: 0))
            let record = record
            watch = ConfigurationWatch(
                state: state,
                read: { () throws(ConfigurationProblems) in try reader.read() },
                apply: { (next: ReadConfiguration) throws(InputError) in try record.apply(next) },
                tidy: { record.looks.withLock { $0 += 1 } },
                clock: clock,
                now: { Date(timeIntervalSince1970: 7) },
                logger: Logger(label: "watch") { OutputLogHandler(label: $0, output: output) }
            )
        }

        func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

        var metrics: [Double] {
            get async { await ConfigurationMetrics(state: state).readings().map(\.value) }
        }
    }

    @Test("a change is applied, a mistake is refused and told, and the metrics say which")
    func changes() async throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(path: folder.write("config.yaml", "log: {level: info}\n"))
        #expect(await scene.metrics == [1, 0, 0])
        scene.watch.look()
        #expect(scene.lines.text.isEmpty)

        try scene.write("log: {level: debug}\nworkers: 8\n")
        scene.watch.look()
        #expect(scene.record.levels == [.debug])
        #expect(scene.state.inForce.logLevel == .debug && scene.state.inForce.workers == 32)
        #expect(scene.lines.text.contains("notice watch: changed=log.level the configuration is taken"))
        #expect(scene.lines.text.contains("warning watch: settings=workers settings wait for a restart"))
        #expect(scene.lines.text.contains("debug watch: azure.allowHosts= azure.managedIdentity=false endpoints."))
        #expect(await scene.metrics == [1, 7, 1])

        try scene.write("log: {levle: debug}\n")
        scene.watch.look()
        scene.watch.look()
        let told = scene.lines.text.split(separator: "\n").filter { $0.contains(" error watch: ") }
        #expect(
            told.count == 1 && told.first?.contains("\(scene.path):1:7: log.levle: is no setting") == true,
            "\(told)"
        )
        #expect(scene.state.inForce.logLevel == .debug && scene.record.levels.count == 1)
        #expect(await scene.metrics == [0, 7, 1])

        try FileManager.default.removeItem(atPath: scene.path)
        scene.watch.look()
        #expect(scene.state.reload.problems?.summary.contains("there is no such file") == true)
        #expect(scene.state.inForce.logLevel == .debug)

        try scene.write("log: {level: debug}\n")
        scene.watch.look()
        #expect(await scene.metrics == [1, 7, 0])
    }

    @Test("a changed file of a registry is a change, and one that is gone a mistake")
    func hostFiles() async throws {
        let folder = try TemporaryFolder()
        let authorities = try folder.write("ca.crt", "one")
        let text = "registry: {hosts: [{host: r.example, ca: \(authorities)}]}\n"
        let scene = try Scene(path: folder.write("config.yaml", text))
        scene.watch.look()
        #expect(scene.record.levels.isEmpty)
        try folder.write("ca.crt", "two")
        scene.watch.look()
        #expect(scene.record.levels.count == 1)
        #expect(scene.lines.text.contains("changed=registry.hosts the configuration is taken"))
        #expect(scene.state.reload.inForce.hostFiles == [authorities: Array("two".utf8)])
        #expect(scene.state.reload.inForce.asksRegistriesOtherwise(than: ReadConfiguration(configuration: .init())))
        try FileManager.default.removeItem(atPath: authorities)
        scene.watch.look()
        #expect(scene.state.reload.problems?.summary.contains("\(authorities): there is no such file") == true)
        #expect(scene.record.levels.count == 1)
    }

    @Test("what cannot be put into force is refused as a whole")
    func refusal() async throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(path: folder.write("config.yaml", ""))
        scene.record.refusal.withLock { $0 = InputError("the certificates cannot be read") }
        try scene.write("log: {level: debug}\nregistry: {plainHTTP: [localhost]}\n")
        scene.watch.look()
        #expect(scene.state.inForce == OperatorConfiguration())
        #expect(scene.lines.text.contains("the certificates cannot be read"))
        #expect(await scene.metrics == [0, 0, 0])
    }

    @Test("a file that the configuration names is looked at too, and one that is missing is a mistake")
    func namedFiles() throws {
        let folder = try TemporaryFolder()
        let credentials = try folder.write("docker.json", #"{"auths":{}}"#)
        let scene = try Scene(path: folder.write("config.yaml", "registry: {credentialsFile: \(credentials)}\n"))
        try folder.write("docker.json", #"{"auths":{"r.example":{"auth":"YTpi"}}}"#)
        scene.watch.look()
        #expect(scene.lines.text.contains("changed=registry.credentialsFile the configuration is taken"))
        try FileManager.default.removeItem(atPath: credentials)
        scene.watch.look()
        let told = scene.state.reload.problems?.summary ?? ""
        #expect(
            told.hasPrefix("\(scene.path):1:12: registry.credentialsFile: \(credentials): there is no such file"),
            "\(told)"
        )
        #expect(scene.state.reload.inForce.credentials != nil, "what was read before stays")
    }

    @Test("a folder that is swapped by a symbolic link, as a kubelet does it, is a change")
    func symbolicLink() throws {
        let folder = try TemporaryFolder()
        try folder.write("..1/config.yaml", "log: {level: info}\n")
        try folder.write("..2/config.yaml", "log: {level: error}\n")
        try folder.link("..data", to: "..1")
        try folder.link("config.yaml", to: "..data/config.yaml")
        let scene = try Scene(path: "\(folder.path)/config.yaml")
        try folder.link("..data_tmp", to: "..2")
        #expect(rename("\(folder.path)/..data_tmp", "\(folder.path)/..data") == 0)
        scene.watch.look()
        #expect(scene.state.inForce.logLevel == .error)
    }

    @Test("a pipe or a device in the file's place holds nobody up")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(path: folder.write("config.yaml", ""))
        try FileManager.default.removeItem(atPath: scene.path)
        #expect(mkfifo(scene.path, 0o600) == 0)
        scene.watch.look()
        #expect(scene.state.reload.problems?.summary.contains("is no regular file") == true)
    }

    @Test("it is looked at every five seconds, until the end")
    func pace() async throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(path: folder.write("config.yaml", ""))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scene.watch.run() }
            for look in 1...3 {
                let deadline = await scene.clock.nextDeadline()
                #expect(deadline == .seconds(5 * look))
                #expect(scene.record.count == look - 1)
                scene.clock.advance(to: deadline)
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    // MARK: - Who is told

    @Test("whoever asks late is told of a refusal that stands, and of nothing else that was before")
    func news() async throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(path: folder.write("config.yaml", ""))
        try scene.write("log: {level: debug}\n")
        scene.watch.look()
        var calm = scene.state.news().makeAsyncIterator()
        try scene.write("x: 1\n")
        scene.watch.look()
        guard case .refused(let problems) = await calm.next() else {
            Issue.record("the refusal comes first")
            return
        }
        var late = scene.state.news().makeAsyncIterator()
        #expect(await late.next() == .refused(problems))
        try scene.write("log: {level: error}\n")
        scene.watch.look()
        #expect(await late.next() == .taken(changed: ["log.level"], awaitingRestart: []))
    }

    @Test("Events say what is wrong, and differ in their action where they are about other settings")
    func events() throws {
        let subject = ObjectReference(
            apiVersion: "v1",
            kind: "ConfigMap",
            namespace: "vigil-system",
            name: "vigil",
            uid: "u"
        )
        let site = InputError.Site(file: "config.yaml", line: 3, column: 5, field: "log.level")
        let problems = ConfigurationProblems([ConfigurationProblem(.file(site), "is \"loud\"")])
        let refused = ConfigurationEvents.notice(of: .refused(problems), about: subject)
        #expect(refused.kind == .warning && refused.reason == "ConfigurationRefused" && refused.regarding == subject)
        #expect(refused.action == "Reload log.level")
        #expect(refused.note == "the former configuration stays in force: config.yaml:3:5: log.level: is \"loud\"")
        let taken = ConfigurationEvents.notice(
            of: .taken(changed: ["log.level"], awaitingRestart: ["workers"]),
            about: subject
        )
        #expect(taken.kind == .normal && taken.reason == "ConfigurationTaken")
        #expect(taken.note == "in force: log.level; waits for a restart: workers")
    }

    @Test("Events are about the ConfigMap that is named, else about the pod, else nobody's")
    func subject() throws {
        func subject(_ arguments: [String], _ environment: [String: String]) throws -> ConfigurationEvents.Subject? {
            try OperatorOptions.parse(arguments).subject(environment: environment, namespace: "home")
        }
        let pod = ["POD_NAME": "vigil-1", "POD_NAMESPACE": "tools", "POD_UID": "u"]
        #expect(try subject([], [:]) == nil)
        #expect(try subject([], pod) == .init(kind: .pod, namespace: "tools", name: "vigil-1", uid: "u"))
        #expect(
            try subject([], pod.merging(["VIGIL_CONFIG_MAP": "vigil"]) { $1 })
                == .init(kind: .configMap, namespace: "tools", name: "vigil")
        )
        #expect(
            try subject(["--config-map", "vigil"], [:]) == .init(kind: .configMap, namespace: "home", name: "vigil")
        )
        #expect(
            try subject(["--config-map", "other/settings"], pod)
                == .init(kind: .configMap, namespace: "other", name: "settings")
        )
    }
}
