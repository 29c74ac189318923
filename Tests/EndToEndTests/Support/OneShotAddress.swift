import Foundation
import Synchronization

/// The port in the line that a server writes once it listens; read by one task and awaited by another.
final class OneShotAddress: Sendable {
    private enum State {
        case open([CheckedContinuation<String?, Never>])
        case closed(String?)
    }

    private let state = Mutex(State.open([]))

    /// Takes the port if `line` tells it.
    func look(at line: String) {
        guard let range = line.range(of: "listening on 127.0.0.1:") else { return }
        close(String(line[range.upperBound...].prefix { $0.isNumber }))
    }

    /// Says that no line will tell it any more.
    func giveUp() { close(nil) }

    /// The port; `nil` when the server ended without telling.
    func port() async -> String? {
        await withCheckedContinuation { continuation in
            let known: String?? = state.withLock { state in
                switch state {
                case .open(let waiters):
                    state = .open(waiters + [continuation])
                    return nil
                case .closed(let port): return .some(port)
                }
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    private func close(_ port: String?) {
        let waiters = state.withLock { state -> [CheckedContinuation<String?, Never>] in
            guard case .open(let waiters) = state else { return [] }
            state = .closed(port)
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: port) }
    }
}
