import ImageTrust

/// Puts an image layout in the place of registries; revocation services are asked as ever.
struct LayoutConnector: RegistryConnector {
    let layout: LayoutRegistry
    let base: any RegistryConnector

    func withRegistry<Result: Sendable>(
        _ access: RegistryOptions,
        _ body: (ImageServices) async throws -> Result
    ) async throws -> Result {
        try await base.withRegistry(access) { services in
            var services = services
            services.registry = layout
            services.credentialed = nil
            return try await body(services)
        }
    }
}
