import Foundation
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// One `vigil operator` that a test starts, reads and ends.
final class OperatorProcess: Sendable {
    private struct State {
        var lines: [String] = []
        var process: pid_t?
        var hasEnded = false
        var waiters: [(text: String, CheckedContinuation<String?, Never>)] = []
    }

    private let arguments: [String]
    private let environment: [String: String]
    private let state = Mutex(State())

    /// A process that is not running yet; `kubeconfig` is the cluster's unless it has a way of its own.
    init(
        _ cluster: OperatorCluster,
        identity: String,
        kubeconfig: String? = nil,
        watchesCluster: Bool = false,
        arguments: [String] = []
    ) {
        self.arguments =
            [
                "operator", "--kubeconfig", kubeconfig ?? cluster.kubeconfig, "--identity", identity,
                "--lease-namespace", cluster.namespace, "--health-address", "127.0.0.1:0",
            ] + (watchesCluster ? [] : ["--namespace", cluster.namespace]) + arguments
        environment = [:]
    }

    /// A process that is not running yet, with the arguments and the environment of an installed pod.
    ///
    /// What a pod has and a process of a test has not is added: the way to the API server with the namespace of the account,
    /// and a port of its own.
    init(_ pod: InstalledPod, kubeconfig: String) {
        arguments = pod.arguments
        var added = ["VIGIL_KUBECONFIG": kubeconfig, "VIGIL_HEALTH_ADDRESS": "127.0.0.1:0"]
        added["VIGIL_LEASE_NAMESPACE"] = pod.environment["POD_NAMESPACE"]
        environment = pod.environment.merging(added) { $1 }
    }

    private init(_ arguments: [String], _ environment: [String: String]) {
        self.arguments = arguments
        self.environment = environment
    }

    /// The same, not running yet, with these variables in its environment.
    func with(_ variables: [String: String]) -> OperatorProcess {
        OperatorProcess(arguments, environment.merging(variables) { $1 })
    }

    /// What it logged so far.
    var log: String { state.withLock { $0.lines.joined(separator: "\n") } }

    /// Runs it to its end; the result is its exit status, or -1 when a signal ended it.
    func run() async throws -> Int32 {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let result = try await Subprocess.run(
            .path(FilePath(RealTools.vigil)),
            arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
                    .merging(["PATH": "/usr/bin:/bin"]) { $1 }
            ),
            platformOptions: options,
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution in
            self.state.withLock { $0.process = execution.processIdentifier.value }
            for try await line in execution.standardError.strings() { self.receive(line) }
        }
        end()
        if case .exited(let code) = result.terminationStatus { return code }
        return -1
    }

    /// Runs it while `body` runs, then ends it with SIGTERM and expects that it ends well.
    func whileRunning(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Int32.self) { group in
            group.addTask { try await self.run() }
            try await body()
            terminate()
            #expect(try await group.next() == 0, "\(log)", sourceLocation: sourceLocation)
        }
    }

    /// Sends SIGTERM.
    func terminate() { send(SIGTERM) }

    /// Sends SIGKILL.
    func crash() { send(SIGKILL) }

    /// Sends SIGSTOP.
    func stop() { send(SIGSTOP) }

    /// Sends SIGCONT.
    func proceed() { send(SIGCONT) }

    private func send(_ signal: Int32) {
        if let process = state.withLock({ $0.hasEnded ? nil : $0.process }) { kill(process, signal) }
    }

    /// The port on which health is served.
    func healthPort() async throws -> Int {
        let line = try await waitForLine(containing: "health is served")
        let digits = line.components(separatedBy: "port=").last?.prefix { $0.isNumber } ?? ""
        return try #require(Int(digits), "no port in: \(line)")
    }

    /// The first line that contains `text`, as soon as it is logged.
    @discardableResult
    func waitForLine(containing text: String) async throws -> String {
        let line = await withCheckedContinuation { (continuation: CheckedContinuation<String?, Never>) in
            let known: String?? = state.withLock { state in
                if let line = state.lines.first(where: { $0.contains(text) }) { return .some(line) }
                if state.hasEnded { return .some(nil) }
                state.waiters.append((text, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
        return try #require(line, "the operator ended without \"\(text)\":\n\(log)")
    }

    private func receive(_ line: String) {
        let resumed = state.withLock { state in
            state.lines.append(line)
            let matching = state.waiters.filter { line.contains($0.text) }.map(\.1)
            state.waiters.removeAll { line.contains($0.text) }
            return matching
        }
        for continuation in resumed { continuation.resume(returning: line) }
    }

    private func end() {
        let left = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters.map(\.1)
        }
        for continuation in left { continuation.resume(returning: nil) }
    }
}
