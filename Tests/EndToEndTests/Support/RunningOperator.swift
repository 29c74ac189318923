import Synchronization

/// An operator process of a fleet, while a task runs it.
final class RunningOperator: Sendable {
    private struct State {
        var process: OperatorProcess?
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Mutex(State())
    let process: OperatorProcess

    init(_ name: String, in fleet: OperatorFleet) {
        process = OperatorProcess(
            fleet.operators,
            identity: name,
            kubeconfig: fleet.kubeconfig(of: name),
            arguments: ["--plain-http-registry", OperatorFleet.registry]
        )
        fleet.record.add(process)
    }

    /// Runs it to its end.
    func run() async throws {
        let status = try await process.run()
        let waiters = state.withLock { state in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    /// Its exit status, as soon as it has ended.
    func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Int32? in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
