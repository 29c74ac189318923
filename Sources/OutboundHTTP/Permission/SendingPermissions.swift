internal import Synchronization

/// Who has to be asked about which request before it is sent.
///
/// AsyncHTTPClient carries nothing along with a request to the connection it finds for it but the request, so it gets a header
/// field with a number; ``PermissionHandler`` takes it out again.
final class SendingPermissions: Sendable {
    /// The header field that names a permission on the way to the connection; it never leaves the process.
    static let field = "outbound-permission"

    private struct State {
        var next: UInt64 = 0
        var questions: [String: @Sendable () -> Bool] = [:]
    }

    private let state = Mutex(State())

    /// Keeps a question under a number of its own, until ``withdraw(_:)``.
    func keep(_ question: @escaping @Sendable () -> Bool) -> String {
        state.withLock { state in
            state.next &+= 1
            let number = String(state.next)
            state.questions[number] = question
            return number
        }
    }

    /// Forgets a question: its request is over.
    func withdraw(_ number: String) { state.withLock { $0.questions[number] = nil } }

    /// The question kept under a number; one that nobody knows is answered with no.
    func question(_ number: String) -> @Sendable () -> Bool {
        let question = state.withLock { state in state.questions[number] }
        guard let question else { return { false } }
        return question
    }
}
