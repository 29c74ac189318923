import OutboundHTTP

/// What listens on a port of this machine, asked over plain HTTP.
struct LocalServer: Sendable {
    let port: Int

    /// The answer to a GET, of 8 MiB at most.
    func get(_ target: String, headers: [String: String] = [:]) async throws -> OutboundResponse {
        try await OutboundHTTPClient.with(OutboundConfiguration()) { client in
            var request = OutboundRequest(.get, try OutboundURL("http://127.0.0.1:\(port)\(target)"))
            for (name, value) in headers { request.headers[name] = value }
            return try await client.send(request, limit: .bytes(8 << 20))
        }
    }
}
