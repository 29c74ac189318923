internal import OCIModel
internal import OutboundHTTP

/// Where a registry is asked.
struct RegistryEndpoint: Sendable, Hashable {
    /// The registry as references write it.
    let registry: String
    /// The root of its API: `scheme://host[:port]/v2/`.
    let base: OutboundURL

    /// The names under which Docker Hub is written.
    static let dockerHubNames: Set = ["docker.io", "index.docker.io", "registry-1.docker.io"]

    init(registry: String, configuration: RegistryConfiguration) throws(RegistryError) {
        self.registry = registry
        let isPlain = configuration.usesPlainHTTPEverywhere || configuration.plainHTTPHosts.contains(registry)
        let authority = Self.dockerHubNames.contains(registry) ? "registry-1.docker.io" : registry
        do {
            base = try OutboundURL(scheme: isPlain ? .http : .https, authority: authority, path: "/v2/")
        } catch {
            throw RegistryError(
                .malformed,
                "\(registry) cannot be asked: \(error.message)",
                host: registry,
                repository: ""
            )
        }
    }

    /// The URL of something in a repository, such as `manifests/v1`.
    func url(_ repository: RepositoryName, _ rest: String, query: String? = nil) throws(RegistryError) -> OutboundURL {
        do {
            return try OutboundURL(
                scheme: base.scheme,
                authority: base.authority,
                path: "/v2/\(repository.path)/\(rest)",
                query: query
            )
        } catch {
            throw RegistryError(.malformed, error.message, host: registry, repository: repository.path)
        }
    }
}
