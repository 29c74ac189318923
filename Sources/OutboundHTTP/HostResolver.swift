internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Finds the address behind a host's name.
public protocol HostResolver: Sendable {
    /// The address that a connection to the host would use first.
    ///
    /// - Throws: ``OutboundError`` with code `unreachable` when there is none, `cancelled` when the task was cancelled.
    func address(of host: String, port: Int) async throws(OutboundError) -> IPAddress
}

/// The resolver of the system (`getaddrinfo`), on threads of its own.
public struct SystemResolver: HostResolver {
    /// Creates a resolver.
    public init() {}

    /// See ``HostResolver/address(of:port:)``.
    ///
    /// Cancellation is heeded at once; the system's query ends by itself.
    public func address(of host: String, port: Int) async throws(OutboundError) -> IPAddress {
        let answer = PendingAnswer()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard answer.wait(continuation) else { return }
                NIOThreadPool.singleton.submit { _ in answer.resume(Self.query(host, port)) }
            }
        } onCancel: {
            answer.resume(.failure(OutboundError(.cancelled, "the query for the address of \(host) was cancelled")))
        }
        return try result.get()
    }

    private static func query(_ host: String, _ port: Int) -> Result<IPAddress, OutboundError> {
        guard let address = try? SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress,
            let address = IPAddress(address)
        else { return .failure(OutboundError(.unreachable, "the name \(host) is not known to the resolver")) }
        return .success(address)
    }
}

/// An answer that comes once, from whoever is first.
private final class PendingAnswer: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Result<IPAddress, OutboundError>, Never>)
        case done(Result<IPAddress, OutboundError>)
    }

    private let state = Mutex(State.idle)

    /// Keeps the continuation; `false` when the answer is there already, which it was resumed with.
    func wait(_ continuation: CheckedContinuation<Result<IPAddress, OutboundError>, Never>) -> Bool {
        let early = state.withLock { state -> Result<IPAddress, OutboundError>? in
            if case .done(let result) = state { return result }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
        return early == nil
    }

    func resume(_ result: Result<IPAddress, OutboundError>) {
        let waiting = state.withLock { state -> CheckedContinuation<Result<IPAddress, OutboundError>, Never>? in
            switch state {
            case .idle:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .done(result)
                return continuation
            case .done: return nil
            }
        }
        waiting?.resume(returning: result)
    }
}
