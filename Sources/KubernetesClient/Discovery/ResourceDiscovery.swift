import JSONModel
public import KubernetesAPI
import Synchronization
import WorkSharing

/// Knows what a server serves, and asks it again when that may have changed.
///
/// Any number of callers ask the server once. What is not served is never remembered for longer than five seconds: a
/// custom resource may appear at any moment.
public final class ResourceDiscovery: Sendable {
    private struct State {
        var index = DiscoveryIndex()
        /// The tags of the aggregated documents, by which the server says that nothing changed.
        var tags: [String: String] = [:]
        var askedAt: Duration?
    }

    /// How long an answer is used without another question.
    private static let maximumAge = Duration.seconds(600)
    /// How long it is believed that a kind is not served.
    private static let shortestInterval = Duration.seconds(5)
    /// A discovery document of a server with a thousand kinds has about a megabyte.
    private static let limits = JSONLimits(maximumBytes: 32 << 20, maximumDepth: 32, maximumValues: 2_000_000)

    private let client: APIClient
    private let stopwatch: Stopwatch
    private let state = Mutex(State())
    private let flight = SingleFlight<Void>()

    /// Creates a discovery that has not asked yet.
    ///
    /// - Parameters:
    ///   - client: what the requests are sent with.
    ///   - clock: measures the age of answers.
    public init(_ client: APIClient, clock: any Clock<Duration> = ContinuousClock()) {
        self.client = client
        stopwatch = Stopwatch(clock)
    }

    /// The resource whose objects are of a kind.
    ///
    /// - Throws: ``APIError`` with code `notFound` when the server has no such kind, five seconds ago or later; what
    ///   ``refresh()`` throws, unless the kind is known from before.
    public func resource(of kind: GroupVersionKind) async throws -> DiscoveredResource {
        let (known, age) = state.withLock { state in
            (state.index.resource(of: kind), state.askedAt.map { stopwatch.elapsed - $0 })
        }
        if let known, let age, age < Self.maximumAge { return known }
        if known == nil, let age, age < Self.shortestInterval { throw notServed(kind) }
        do {
            try await refresh()
        } catch {
            guard let known, !(error is CancellationError) else { throw error }
            return known
        }
        guard let found = state.withLock({ $0.index.resource(of: kind) }) else { throw notServed(kind) }
        return found
    }

    /// Everything that the server was last known to serve, by group, version and name.
    public var knownResources: [DiscoveredResource] { state.withLock { $0.index.all } }

    /// Asks the server what it serves; at once, as after a CustomResourceDefinition came or went.
    ///
    /// - Throws: ``APIError``, `TransportError` or `CancellationError`; what is known stays as it was.
    public func refresh() async throws {
        try await flight.value { [self] in
            let askedAt = stopwatch.elapsed
            try await ask("/api")
            try await ask("/apis")
            state.withLock { $0.askedAt = askedAt }
        }
    }

    // MARK: - Asking

    private func ask(_ root: String) async throws {
        var headers = ["accept": DiscoveryDocument.accept]
        if let tag = state.withLock({ $0.tags[root] }) { headers["if-none-match"] = tag }
        let response = try await client.send(APIRequest(.get, root, headers: headers))
        if response.status == 304 { return }
        let json = try parsed(response, root)
        if let reports = DiscoveryDocument.aggregated(json) {
            let tag = response.headers["etag"]
            state.withLock { state in
                state.index.update(root, reports)
                state.tags[root] = tag
            }
            return
        }
        guard let groupVersions = DiscoveryDocument.groupVersions(json) else {
            throw malformed(root, "something that is no discovery document")
        }
        var reports: [GroupVersion: GroupVersionReport] = [:]
        for groupVersion in groupVersions { reports[groupVersion] = try await plainReport(groupVersion) }
        state.withLock { state in
            state.index.update(root, reports)
            state.tags[root] = nil
        }
    }

    /// Asks for one group version; one that cannot be asked does not hide the others.
    private func plainReport(_ groupVersion: GroupVersion) async throws -> GroupVersionReport {
        do {
            let response = try await client.send(APIRequest(.get, groupVersion.path))
            let json = try parsed(response, groupVersion.path)
            return DiscoveryDocument.resources(json, groupVersion).map { .resources($0) } ?? .stale
        } catch is APIError {
            return .stale
        }
    }

    private func parsed(_ response: APIResponse, _ path: String) throws(APIError) -> JSONValue {
        do {
            return try JSONParser(limits: Self.limits).parse(response.body)
        } catch {
            throw malformed(path, "something that is no JSON: \(error)")
        }
    }

    private func malformed(_ path: String, _ what: String) -> APIError {
        APIError(.malformedResponse, httpStatus: 200, message: "GET \(path) was answered with \(what)")
    }

    private func notServed(_ kind: GroupVersionKind) -> APIError {
        APIError(
            .notFound,
            httpStatus: 404,
            message: "the server does not serve \(kind); is its CustomResourceDefinition installed?"
        )
    }
}
