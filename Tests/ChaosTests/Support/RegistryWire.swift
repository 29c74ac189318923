import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import OperatorTestKit
import OutboundHTTP

/// A registry in memory behind HTTP in the virtual time of a ``Simulation``, which can fail in the ways in which networks
/// and registries do.
final class RegistryWire: HTTPExchange {
    /// How it is.
    enum Health: Sendable, CaseIterable {
        case well
        /// Nobody accepts connections.
        case refuses
        /// Requests are taken and not answered.
        case hangs
        /// Every answer is 503.
        case fails
        /// Every answer is 429, with a pause of a minute.
        case throttles
    }

    /// How long an answer takes.
    static let latency: Duration = .milliseconds(20)

    private let simulation: Simulation
    private let registry: InMemoryRegistry
    private let health = Shared(Health.well)
    private let sent = Shared<[Exchange]>([])
    private let slowness = Shared<[String: Duration]>([:])

    init(_ simulation: Simulation, _ registry: InMemoryRegistry) {
        self.simulation = simulation
        self.registry = registry
    }

    /// A request, and how many bytes its answer had.
    struct Exchange: Sendable {
        let at: Duration
        let what: String
        var bytes = 0
    }

    /// How many requests arrived.
    var requests: Int { sent.value.count }

    /// The requests that arrived since a moment.
    func requests(since start: Duration) -> [Exchange] { sent.value.filter { $0.at >= start } }

    /// Is like this from here on.
    func become(_ health: Health) { self.health.value = health }

    /// Answers of a host take so long from here on.
    func slowDown(_ host: String, to latency: Duration) { slowness.change { $0[host] = latency } }

    /// The registry as an operator asks it.
    func client() -> any ImageRegistry {
        let clock = simulation.clock
        let traffic = RegistryTraffic(share: 0.5, clock: clock)
        let client = RegistryClient(http: self, traffic: traffic, clock: clock)
        let cache = ContentCache(listingLife: ContentCache.usualListingLife, clock: clock)
        return CachingRegistry(client, cache: cache)
    }

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let number = sent.change { sent -> Int in
            sent.append(Exchange(at: simulation.now, what: "\(request.method.rawValue) \(request.url.path)"))
            return sent.count - 1
        }
        let health = health.value
        let latency = slowness.value[request.url.authority] ?? Self.latency
        do {
            try await simulation.sleep(for: health == .hangs ? request.timeout ?? .seconds(60) : latency)
        } catch {
            throw OutboundError(.cancelled, "cancelled")
        }
        switch health {
        case .refuses: throw OutboundError(.unreachable, "\(request.url.authority) refuses connections")
        case .hangs: throw OutboundError(.timedOut, "\(request.url.authority) timed out")
        case .fails: return OutboundResponse(status: 503)
        case .throttles: return OutboundResponse(status: 429, headers: ["retry-after": "60"])
        case .well:
            var response = await answer(request)
            // As registries do that know what they served before.
            let tag = "\"\(Digest.of(response.body))\""
            if response.status == 200 { response.headers.append("etag", tag) }
            if request.headers["if-none-match"] == tag { response = OutboundResponse(status: 304) }
            if request.method == .head { response.body = [] }
            let bytes = response.body.count
            sent.change { $0[number].bytes = bytes }
            return response
        }
    }

    private func answer(_ request: OutboundRequest) async -> OutboundResponse {
        let parts = request.url.path.split(separator: "/").map { String($0) }
        guard parts.count > 3, let repository = try? RepositoryName("\(request.url.host)/shop/web") else {
            return OutboundResponse(status: 404)
        }
        let named = try? Digest(parts[parts.count - 1])
        let tagged =
            named == nil ? try? await registry.target(repository, of: parts[parts.count - 1], within: .zero) : nil
        guard let digest = named ?? tagged else { return OutboundResponse(status: 404) }
        switch parts[parts.count - 2] {
        case "manifests":
            guard let found = try? await registry.manifest(repository, digest) else { break }
            return OutboundResponse(
                status: 200,
                headers: [
                    "content-type": found.descriptor.mediaType.rawValue, "docker-content-digest": "\(digest)",
                ],
                body: found.bytes
            )
        case "blobs":
            let descriptor = Descriptor(mediaType: .jose, digest: digest, size: 0)
            guard let bytes = try? await registry.blob(repository, descriptor, limit: 1 << 20) else { break }
            return OutboundResponse(status: 200, body: bytes)
        case "referrers":
            guard let found = try? await registry.referrers(repository, to: digest, artifactType: nil) else { break }
            let index: JSONValue = .object([
                "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociIndex.rawValue),
                "manifests": .array(found.map(\.json)),
            ])
            return OutboundResponse(
                status: 200,
                headers: ["content-type": MediaType.ociIndex.rawValue],
                body: JSONSerializer().bytes(index)
            )
        default: break
        }
        return OutboundResponse(status: 404)
    }

    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result { throw OutboundError(.unreachable, "nothing is streamed here") }
}
