import ImageTrust

/// Registries with another in their place; revocation services are asked as ever.
struct SubstituteRegistries: RegistryConnector {
    /// What is asked otherwise.
    let base: any RegistryConnector
    /// What is asked instead of the registry that it is given.
    let substitute: @Sendable (any ImageRegistry) -> any ImageRegistry

    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (ImageServices) async throws -> Result
    ) async throws -> Result {
        try await base.withRegistry(access) { services in
            var services = services
            services.registry = substitute(services.registry)
            services.credentialed = nil
            return try await body(services)
        }
    }
}

extension CommandEnvironment {
    /// The same with registries that are asked by the names of origins, wherever `mirrors` say that they are asked.
    func asking(_ mirrors: RegistryMirrors) -> CommandEnvironment {
        guard !mirrors.mirrors.isEmpty else { return self }
        return asking { mirrors.registry(over: $0) }
    }

    /// The same with an image layout in the place of registries.
    func asking(_ layout: LayoutRegistry) -> CommandEnvironment { asking { _ in layout } }

    private func asking(
        _ substitute: @escaping @Sendable (any ImageRegistry) -> any ImageRegistry
    ) -> CommandEnvironment {
        var environment = self
        environment.registries = SubstituteRegistries(base: registries, substitute: substitute)
        return environment
    }
}
