/// The most that is accepted of a registry.
public struct RegistryLimits: Sendable, Hashable {
    /// Pages of a referrers listing.
    ///
    /// Default 100.
    public var referrerPages = 100
    /// Referrers of the wanted type.
    ///
    /// Default 1000.
    public var referrers = 1000
    /// One page of a referrers listing, in bytes.
    ///
    /// Default 4 MiB, as oras-go.
    public var listingBytes = 4 << 20
    /// Redirects of one request.
    ///
    /// Default 5.
    public var redirects = 5
    /// The answer of a token service, in bytes.
    ///
    /// Default 64 KiB.
    public var tokenBytes = 64 << 10

    /// The default limits.
    public init() {}
}
