import FoundationEssentials
import KubernetesAPI
import KubernetesClient

/// The rights of the operator's service account as `config` grants them, installed in a namespace of the test's own.
struct ServiceAccountRights: Sendable {
    /// Which installation they come from.
    enum Installation: Sendable {
        /// `config/rbac`: ClusterRole, and the Role for the Lease.
        case cluster
        /// `config/namespaced`: Roles of one namespace.
        case namespaced

        fileprivate var files: [(path: String, resource: String, isNamespaced: Bool)] {
            switch self {
            case .cluster:
                [
                    ("rbac/service_account", "serviceaccounts", true), ("rbac/role", "clusterroles", false),
                    ("rbac/role_binding", "clusterrolebindings", false),
                    ("rbac/leader_election_role", "roles", true),
                    ("rbac/leader_election_role_binding", "rolebindings", true),
                ]
            case .namespaced:
                [
                    ("namespaced/service_account", "serviceaccounts", true), ("namespaced/role", "roles", true),
                    ("namespaced/role_binding", "rolebindings", true),
                    ("namespaced/leader_election_role", "roles", true),
                    ("namespaced/leader_election_role_binding", "rolebindings", true),
                ]
            }
        }
    }

    /// The operator's way to the API server.
    let client: APIClient
    private let administrator: APIClient
    private let clusterScoped: [String]

    /// Grants the rights, under names that no other test uses.
    static func grant(_ installation: Installation, in namespace: String, by administrator: APIClient) async throws
        -> ServiceAccountRights
    {
        let folder = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/config"
        var clusterScoped: [String] = []
        for file in installation.files {
            // The names of one installation are those of another's; the namespace's name makes them the test's own.
            let text = try String(contentsOfFile: "\(folder)/\(file.path).yaml", encoding: .utf8)
                .replacing("name: vigil\n", with: "name: \(namespace)\n")
                .replacing("namespace: vigil-system", with: "namespace: \(namespace)")
            let group = file.resource == "serviceaccounts" ? "/api/v1" : "/apis/rbac.authorization.k8s.io/v1"
            let collection = "\(group)\(file.isNamespaced ? "/namespaces/\(namespace)" : "")/\(file.resource)"
            if !file.isNamespaced { clusterScoped.append("\(collection)/\(namespace)") }
            _ = try await administrator.send(
                APIRequest(.post, collection, headers: ["content-type": "application/yaml"], body: Array(text.utf8))
            )
        }
        let user = "system:serviceaccount:\(namespace):\(namespace)"
        let transport = ImpersonatingTransport(base: administrator.transport, user: user)
        return ServiceAccountRights(
            client: APIClient(transport: transport, userAgent: "vigil/1"),
            administrator: administrator,
            clusterScoped: clusterScoped
        )
    }

    /// Takes back what outlives the namespace.
    func revoke() async {
        for path in clusterScoped { _ = try? await administrator.send(APIRequest(.delete, path)) }
    }

    /// The status of the answer to a request of the operator's, and what it says.
    func answer(_ method: APIRequest.Method, _ path: String, _ body: String = "") async throws -> (Int, String) {
        do {
            let request = APIRequest(
                method,
                path,
                headers: ["content-type": "application/json"],
                body: body.isEmpty ? nil : Array(body.utf8)
            )
            return (try await client.withoutRetries.send(request).status, "")
        } catch let error as APIError {
            return (error.httpStatus, error.message)
        }
    }
}

/// A transport whose requests act as somebody else, as `kubectl --as` does.
private struct ImpersonatingTransport: APITransport {
    let base: any APITransport
    let user: String

    private func acting(_ request: APIRequest) -> APIRequest {
        var request = request
        request.headers["impersonate-user"] = user
        return request
    }

    func send(_ request: APIRequest) async throws -> APIResponse { try await base.send(acting(request)) }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try await base.stream(acting(request), body)
    }
}
