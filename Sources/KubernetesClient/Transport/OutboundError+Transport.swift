import KubernetesAPI
import OutboundHTTP

extension OutboundError {
    /// The same trouble in the words of `APITransport`.
    var asTransportFailure: any Error {
        switch code {
        case .cancelled: CancellationError()
        case .unreachable, .proxyRefused, .shutDown, .invalidConfiguration, .invalidRequest:
            TransportError(.unreachable, message)
        case .insecure, .notTLS: TransportError(.insecure, message)
        case .connectionLost: TransportError(.connectionLost, message)
        case .timedOut: TransportError(.timedOut, message)
        case .tooLarge, .malformed: TransportError(.malformedResponse, message)
        case .withheld: TransportError(.withheld, message)
        }
    }
}

extension APIRequest.Method {
    /// The same method in the words of `OutboundHTTP`.
    var outbound: OutboundRequest.Method {
        switch self {
        case .get: .get
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        }
    }
}

/// The body of an outbound answer, with errors in the words of `APITransport`.
struct TransportBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    private let base: OutboundBody

    init(_ base: OutboundBody) { self.base = base }

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: OutboundBody.AsyncIterator

        mutating func next() async throws -> [UInt8]? {
            do {
                return try await base.next()
            } catch let error as OutboundError {
                throw error.asTransportFailure
            }
        }
    }
}
