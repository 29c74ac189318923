public import OutboundHTTP

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What reaches Azure's services: connections, time and files.
public struct AzureSurroundings: Sendable {
    /// The way to services on the network.
    public let http: any HTTPExchange
    /// The way to the machine's metadata service: never through a proxy.
    public let direct: any HTTPExchange
    /// Measures pauses.
    public let clock: any Clock<Duration>
    /// The present.
    public let now: @Sendable () -> Date
    /// Reads a file of at most so many bytes.
    ///
    /// Its errors are told to people.
    public let readFile: @Sendable (_ path: String, _ limit: Int) throws -> [UInt8]

    /// Puts the parts together.
    public init(
        http: any HTTPExchange,
        direct: any HTTPExchange,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        readFile: @escaping @Sendable (_ path: String, _ limit: Int) throws -> [UInt8]
    ) {
        self.http = http
        self.direct = direct
        self.clock = clock
        self.now = now
        self.readFile = readFile
    }
}

/// The tokens of one identity: one for each resource, asked for once at a time, and used until shortly before it lapses.
public final class AzureTokens: Sendable {
    /// Who asks.
    public let identity: AzureIdentity
    let surroundings: AzureSurroundings
    private let tokens: SharedRequests<AzureResource, AzureToken>

    /// Creates the tokens; none is asked for yet.
    public init(_ identity: AzureIdentity, _ surroundings: AzureSurroundings) {
        self.identity = identity
        self.surroundings = surroundings
        tokens = SharedRequests(capacity: 16, now: surroundings.now)
    }

    /// How often, and how patiently, a service that fails is asked again.
    static let retries = RetryPolicy(
        attempts: 3,
        initialDelay: .seconds(1),
        maximumDelay: .seconds(4),
        maximumRetryAfter: .seconds(5),
        budget: .seconds(20)
    )

    /// A token for a resource.
    ///
    /// - Throws: ``AzureError``: why there is none.
    func token(for resource: AzureResource) async throws(AzureError) -> AzureToken {
        try await tokens.value(resource) { () async throws(AzureError) in
            let token = try await fetch(resource)
            return SharedRequests.Kept(value: token, until: token.renewal(obtained: surroundings.now()))
        }
    }

    /// A service refused a token: it is not used again.
    func reject(_ token: AzureToken, for resource: AzureResource) {
        tokens.drop(resource) { $0 == token }
    }

    private func fetch(_ resource: AzureResource) async throws(AzureError) -> AzureToken {
        let clock = surroundings.clock
        return try await Self.attempt(clock) { () async throws(AzureError) -> AzureToken in
            switch identity {
            case .workload(let identity):
                try await identity.token(for: resource, surroundings)
            case .managed(let identity):
                try await identity.token(for: resource, surroundings)
            }
        }
    }

    /// Tries as ``retries`` says.
    static func attempt<Value>(
        _ clock: some Clock<Duration>,
        _ operation: () async throws(AzureError) -> Value
    ) async throws(AzureError) -> Value {
        try await retries.attempt(
            clock: clock,
            advice: { (error: AzureError) in error.isTransient ? .retry(after: error.retryAfter) : .giveUp }
        ) { _ async throws(AzureError) in try await operation() }
    }
}
