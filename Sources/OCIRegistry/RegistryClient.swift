internal import OCIModel
public import OutboundHTTP
internal import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Reads images, artifacts and their referrers from OCI registries (distribution-spec 1.1).
///
/// Nothing that a registry says is believed before the bytes prove it: digests are computed over what arrived, sizes
/// are compared, limits hold before memory is taken. Every call throws ``RegistryError``, ends within
/// ``RegistryConfiguration/callTimeout``, and ends early when its task is cancelled.
///
/// One client serves one set of credentials; tokens and connections are reused, so keep it. It owns no connections:
/// whoever made the `HTTPExchange` shuts it down. Creating a client does no I/O.
public final class RegistryClient: Sendable {
    let configuration: RegistryConfiguration
    private let http: any HTTPExchange
    private let own: [String: any HTTPExchange]
    private let traffic: RegistryTraffic
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let sessions = Mutex<[String: RegistrySession]>([:])

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - http: the way to the network; not shut down by the client.
    ///   - own: by registry, as references write it, the ways that are taken instead in everything about its repositories
    ///     and for no other registry, wherever that may lead; not shut down either.
    ///   - configuration: credentials, limits, time.
    ///   - traffic: what all clients of the process share; `nil` for a client that is the only one.
    ///   - clock: measures time limits and pauses.
    ///   - now: the date, for the lifetime of tokens and `Retry-After`.
    public init(
        http: any HTTPExchange,
        own: [String: any HTTPExchange] = [:],
        configuration: RegistryConfiguration = RegistryConfiguration(),
        traffic: RegistryTraffic? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.http = http
        self.own = own
        self.configuration = configuration
        self.traffic = traffic ?? RegistryTraffic(clock: clock)
        self.clock = clock
        self.now = now
    }

    /// When a call that begins at this moment must have ended.
    func deadline() -> Deadline {
        Deadline(after: configuration.callTimeout, on: clock)
    }

    /// The session of a repository's registry.
    func session(for repository: RepositoryName) throws(RegistryError) -> RegistrySession {
        if let session = sessions.withLock({ $0[repository.registry] }) { return session }
        let session = RegistrySession(
            endpoint: try RegistryEndpoint(registry: repository.registry, configuration: configuration),
            http: own[repository.registry] ?? http,
            traffic: traffic,
            configuration: configuration,
            clock: clock,
            now: now
        )
        return sessions.withLock { sessions in
            if let existing = sessions[repository.registry] { return existing }
            // Registries are named by whoever creates pods; sessions are cheap to make again.
            if sessions.count >= 1024 { sessions.removeAll() }
            sessions[repository.registry] = session
            return session
        }
    }
}
