/// Opens the way to registries and revocation services until somebody closes it.
protocol RegistryOpener: Sendable {
    /// Opens services that are asked as `options` say; nothing is connected yet.
    ///
    /// - Throws: ``InputError`` when the options cannot be used.
    func open(_ options: RegistryOptions) throws(InputError) -> OpenRegistries
}

/// Services that were opened, to be closed when nobody uses them any more.
struct OpenRegistries: Sendable {
    let services: ImageServices
    /// Closes the connections; requests under way fail.
    let close: @Sendable () async -> Void
}
