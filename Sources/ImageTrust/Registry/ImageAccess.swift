/// A registry, and on whose behalf it is asked.
public struct ImageAccess: Sendable {
    /// Where images lie.
    public let registry: any ImageRegistry
    /// Who is told what it says.
    public let principal: RegistryPrincipal

    /// Puts the two together.
    public init(registry: any ImageRegistry, principal: RegistryPrincipal) {
        self.registry = registry
        self.principal = principal
    }
}
