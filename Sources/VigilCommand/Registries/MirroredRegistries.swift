import ImageTrust

/// Registries that are asked by the names of origins, wherever the mirrors say that they are asked.
struct MirroredRegistries: RegistryConnector {
    let mirrors: RegistryMirrors
    let base: any RegistryConnector

    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (ImageServices) async throws -> Result
    ) async throws -> Result {
        try await base.withRegistry(access) { services in
            var services = services
            services.registry = mirrors.registry(over: services.registry)
            services.credentialed = nil
            return try await body(services)
        }
    }
}

extension CommandEnvironment {
    /// The same with registries that are asked where `mirrors` say.
    func asking(_ mirrors: RegistryMirrors) -> CommandEnvironment {
        guard !mirrors.mirrors.isEmpty else { return self }
        var environment = self
        environment.registries = MirroredRegistries(mirrors: mirrors, base: registries)
        return environment
    }
}
