/// No complete answer arrived from another machine.
public struct OutboundError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The connection could not be made: unknown host, refused, no route.
        case unreachable
        /// The TLS handshake failed: the certificate of one side was refused by the other.
        case insecure
        /// The server was asked for TLS and answered with something else: it speaks plain HTTP on that port.
        case notTLS
        /// The proxy refused or could not be used.
        case proxyRefused
        /// The connection broke before the answer was complete. Whether the server acted is unknown.
        case connectionLost
        /// A time limit passed. Whether the server acted is unknown.
        case timedOut
        /// The body is larger than the limit of the request.
        case tooLarge
        /// What came back is no HTTP.
        case malformed
        /// The task was cancelled.
        case cancelled
        /// The request or its URL cannot be sent.
        case invalidRequest
        /// The TLS or proxy settings cannot be used.
        case invalidConfiguration
        /// The client was shut down.
        case shutDown
        /// The request was not sent, or its body was not: it was not permitted any more.
        case withheld
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that names the host and the cause, free of secrets.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    /// Whether the same request may well succeed a little later: the network was at fault, not the request.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .connectionLost, .timedOut: true
        default: false
        }
    }
}
