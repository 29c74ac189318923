/// A way to an API server: over HTTP, or straight into a server in the same process.
///
/// Implementations send each request once. Retries, pagination and decoding are the caller's.
public protocol APITransport: Sendable {
    /// The server's host and port, as metrics name it.
    var host: String { get }

    /// Sends a request and collects the whole answer.
    ///
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``TransportError`` when no complete answer arrived; `CancellationError` when the task was cancelled.
    func send(_ request: APIRequest) async throws -> APIResponse

    /// Sends a request that may only leave while `isPermitted` says so, and collects the whole answer.
    ///
    /// A request can wait long inside a transport: for a token, for a connection that is made or that others use, for
    /// a process that was stopped. So the question is asked as late as the transport can. A permission that ends
    /// afterwards does not call the request back.
    ///
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``TransportError`` with code `withheld` when it was not permitted: the server has not acted and will not;
    ///   what ``send(_:)`` throws.
    func send(
        _ request: APIRequest,
        while isPermitted: @escaping @Sendable () -> Bool
    ) async throws -> APIResponse

    /// Sends a request whose answer is read as it arrives, as a watch is.
    ///
    /// The connection is released when `body` returns or throws; cancelling the task ends the stream promptly.
    ///
    /// - Throws: ``TransportError`` when the connection fails before or during the answer; whatever `body` throws.
    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result
}

extension APITransport {
    /// A server in the same process has no address.
    public var host: String { "in-process" }

    /// Asks once, before ``send(_:)``: for transports in which nothing waits.
    public func send(
        _ request: APIRequest,
        while isPermitted: @escaping @Sendable () -> Bool
    ) async throws -> APIResponse {
        guard isPermitted() else { throw TransportError.withheld(request) }
        return try await send(request)
    }
}

extension TransportError {
    /// A request was not permitted any more when it could have been sent.
    static func withheld(_ request: APIRequest) -> TransportError {
        TransportError(
            .withheld,
            "\(request.method.rawValue) \(request.path) was held back: it is not permitted any more"
        )
    }
}

/// One request to an API server.
public struct APIRequest: Sendable, Hashable {
    /// The HTTP methods the Kubernetes API uses.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// One `name=value` of the query, not yet percent-encoded.
    public struct QueryItem: Sendable, Hashable {
        /// The parameter's name.
        public var name: String
        /// Its value.
        public var value: String
        /// Creates a query item.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// One line of the header.
    public struct HeaderLine: Sendable, Hashable {
        /// The field's name, in lower case.
        public var name: String
        /// Its value, in which a comma is a comma.
        public var value: String
        /// Creates a line.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The HTTP method.
    public var method: Method
    /// The path from the server's root, starting with `/`, each segment already percent-encoded.
    public var path: String
    /// The query, in order.
    public var query: [QueryItem]
    /// Header fields; names in lower case, repeated fields joined by `, `.
    ///
    /// Each goes as one line.
    public var headers: [String: String]
    /// Header fields of which each value is a line of its own, in order.
    ///
    /// For fields that cannot be joined, since their values may hold commas: servers take each line of `Impersonate-Group`
    /// for the whole name of one group (apiserver/pkg/endpoints/filters/impersonation).
    public var headerLines: [HeaderLine]
    /// The body, if any; its media type is `headers["content-type"]`.
    public var body: [UInt8]?
    /// How long the whole exchange may take; for a stream, how long until its head arrives.
    ///
    /// `nil`: the transport's default.
    public var timeout: Duration?

    /// Creates a request that accepts JSON.
    public init(
        _ method: Method,
        _ path: String,
        query: [QueryItem] = [],
        headers: [String: String] = [:],
        body: [UInt8]? = nil,
        timeout: Duration? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        if self.headers["accept"] == nil { self.headers["accept"] = "application/json" }
        headerLines = []
        self.body = body
        self.timeout = timeout
    }
}

/// A complete answer.
public struct APIResponse: Sendable, Hashable {
    /// The HTTP status code.
    public var status: Int
    /// Header fields; names in lower case, repeated fields joined by `, `.
    public var headers: [String: String]
    /// The body.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// An answer whose body is read as it arrives.
///
/// Valid only inside the closure that received it; read the body once.
public struct APIResponseStream: Sendable {
    /// The HTTP status code.
    public let status: Int
    /// Header fields; names in lower case, repeated fields joined by `, `.
    public let headers: [String: String]
    /// The body in chunks, cut anywhere.
    ///
    /// Throws ``TransportError`` when the connection breaks.
    public let body: any AsyncSequence<[UInt8], any Error> & Sendable

    /// Creates a streamed answer.
    public init(
        status: Int,
        headers: [String: String],
        body: any AsyncSequence<[UInt8], any Error> & Sendable
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// No complete answer arrived from the API server.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: String, Sendable, Hashable {
        /// The connection could not be made (refused, unknown host).
        case unreachable
        /// The TLS handshake failed: the certificate was refused by one side.
        case insecure
        /// The connection broke before the answer was complete. Whether the server acted is unknown.
        case connectionLost
        /// The answer took longer than the request allows. Whether the server acted is unknown.
        case timedOut
        /// The answer was larger than the transport accepts, or was no HTTP.
        case malformedResponse
        /// The credentials for the request could not be obtained.
        case credentialsUnavailable
        /// The request was not sent, because it was not permitted any more.
        case withheld
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that names the server and the cause, free of secrets.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
