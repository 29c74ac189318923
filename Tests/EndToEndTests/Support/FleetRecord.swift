import Synchronization

/// What a fleet remembers beside its cluster: its processes, and whether pods still come and go.
final class FleetRecord: Sendable {
    private struct State {
        var processes: [OperatorProcess] = []
        var endsChurn = false
        var isChurning = false
    }

    private let state = Mutex(State())

    var processes: [OperatorProcess] { state.withLock(\.processes) }
    var endsChurn: Bool { state.withLock(\.endsChurn) }
    var isChurning: Bool { state.withLock(\.isChurning) }

    func add(_ process: OperatorProcess) { state.withLock { $0.processes.append(process) } }
    func endChurn() { state.withLock { $0.endsChurn = true } }
    func setChurning(_ isChurning: Bool) { state.withLock { $0.isChurning = isChurning } }
}
