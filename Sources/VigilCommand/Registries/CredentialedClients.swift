import ImageTrust
import OCIModel
import OCIRegistry
import OutboundHTTP
import Synchronization

/// Clients of registries, one for each credential, over one HTTP client.
///
/// A client keeps the tokens that it was given for its credential, so that no request is made with those of another.
final class CredentialedClients: CredentialedRegistries {
    private struct Key: Hashable {
        let host: String
        let credential: RegistryCredential
    }

    private struct Entry {
        let client: RegistryClient
        var lastUse: UInt64
        var usedAt: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var clock: UInt64 = 0
    }

    /// The most clients that are kept.
    static let capacity = 512
    /// How long credentials that nobody uses are kept.
    static let idleLife: Duration = .seconds(300)

    private let http: any HTTPExchange
    private let own: [String: any HTTPExchange]
    private let configuration: RegistryConfiguration
    private let traffic: RegistryTraffic
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    /// Creates no client yet.
    ///
    /// - Parameters:
    ///   - http: the way to the network; not shut down here.
    ///   - own: the ways to registries that have their own; not shut down here.
    ///   - configuration: how registries are asked; its credentials are not used.
    ///   - traffic: what all clients of the process share.
    ///   - clock: measures time limits and pauses.
    init(
        http: any HTTPExchange,
        own: [String: any HTTPExchange] = [:],
        configuration: RegistryConfiguration,
        traffic: RegistryTraffic,
        clock: any Clock<Duration>
    ) {
        self.http = http
        self.own = own
        self.configuration = configuration
        self.traffic = traffic
        self.clock = clock
    }

    /// How many clients are kept.
    var count: Int { state.withLock { $0.entries.count } }

    func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
        let key = Key(host: host, credential: credential)
        let now = ContinuousClock.now
        return state.withLock { state in
            state.clock &+= 1
            if let known = state.entries[key] {
                state.entries[key] = Entry(client: known.client, lastUse: state.clock, usedAt: now)
                return known.client
            }
            Self.makeRoom(&state, now)
            var configuration = configuration
            configuration.credentials = HostCredential(registry: host, credential: credential)
            let client = RegistryClient(
                http: http,
                own: own,
                configuration: configuration,
                traffic: traffic,
                clock: clock
            )
            state.entries[key] = Entry(client: client, lastUse: state.clock, usedAt: now)
            return client
        }
    }

    private static func makeRoom(_ state: inout State, _ now: ContinuousClock.Instant) {
        state.entries = state.entries.filter { now - $0.value.usedAt < idleLife }
        guard state.entries.count >= capacity else { return }
        let byAge = state.entries.sorted { $0.value.lastUse < $1.value.lastUse }
        for (key, _) in byAge.prefix(capacity / 4) { state.entries[key] = nil }
    }
}

/// A credential that one registry is shown, and no other.
struct HostCredential: CredentialSource {
    let registry: String
    let credential: RegistryCredential

    func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? {
        repository.registry == registry ? credential : nil
    }
}
