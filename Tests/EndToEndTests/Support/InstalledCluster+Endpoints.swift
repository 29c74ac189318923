import Foundation
import OutboundHTTP

/// Endpoints of an operator that are served in TLS, to who shows a token.
extension InstalledCluster {
    /// What has the operator work as its installation says; the API server's certificate does for both.
    var endpointArguments: [String] {
        guard installation == .secured else { return [] }
        return [
            "--require-token", "--tls-cert-file", "\(workspace.path)/server.pem", "--tls-private-key-file",
            "\(workspace.path)/server.key", "--policy-reports",
        ]
    }

    /// Makes an account that may read the metrics, as the comment of the role says.
    ///
    /// - Returns: a token of it.
    func makeReader() async throws -> String {
        try await kubectl("create", "serviceaccount", "prometheus", "-n", Self.workloads)
        try await kubectl(
            "create",
            "clusterrolebinding",
            "vigil-metrics-reader",
            "--clusterrole=vigil-metrics-reader",
            "--serviceaccount=\(Self.workloads):prometheus"
        )
        return try await token(of: "prometheus")
    }

    /// A token of an account that workloads have.
    func token(of account: String) async throws -> String {
        try await kubectl("create", "token", account, "-n", Self.workloads)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Reads a path of the operator on a connection of its own.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - token: the bearer token; `nil` shows none.
    ///   - port: where the operator serves.
    ///   - certificate: the file with the certificate that it must show.
    /// - Returns: the answer, whatever its status.
    /// - Throws: `OutboundError` when there is none.
    func read(
        _ path: String,
        _ token: String?,
        _ port: Int,
        trusting certificate: String = "server.pem"
    ) async throws -> OutboundResponse {
        let tls = TLSSettings(roots: .only(pem: Array(try workspace.read(certificate).utf8)))
        return try await OutboundHTTPClient.with(OutboundConfiguration(tls: tls)) { client in
            var request = OutboundRequest(.get, try OutboundURL("https://127.0.0.1:\(port)\(path)"))
            if let token { request.headers["authorization"] = "Bearer \(token)" }
            return try await client.send(request, limit: .bytes(4 << 20))
        }
    }
}
