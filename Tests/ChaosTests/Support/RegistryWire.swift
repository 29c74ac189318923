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
    private let sent = Shared(0)

    init(_ simulation: Simulation, _ registry: InMemoryRegistry) {
        self.simulation = simulation
        self.registry = registry
    }

    /// How many requests arrived.
    var requests: Int { sent.value }

    /// Is like this from here on.
    func become(_ health: Health) { self.health.value = health }

    /// The registry as an operator asks it.
    func client() -> any ImageRegistry {
        let clock = simulation.clock
        let traffic = RegistryTraffic(share: 0.5, clock: clock)
        let client = RegistryClient(http: self, traffic: traffic, clock: clock)
        let cache = ContentCache(listingLife: ContentCache.usualListingLife, clock: clock)
        return CachingRegistry(client, cache: cache)
    }

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        sent.change { $0 += 1 }
        let health = health.value
        do {
            try await simulation.sleep(for: health == .hangs ? request.timeout ?? .seconds(60) : Self.latency)
        } catch {
            throw OutboundError(.cancelled, "cancelled")
        }
        switch health {
        case .refuses: throw OutboundError(.unreachable, "\(request.url.authority) refuses connections")
        case .hangs: throw OutboundError(.timedOut, "\(request.url.authority) timed out")
        case .fails: return OutboundResponse(status: 503)
        case .throttles: return OutboundResponse(status: 429, headers: ["retry-after": "60"])
        case .well: return await answer(request)
        }
    }

    private func answer(_ request: OutboundRequest) async -> OutboundResponse {
        let parts = request.url.path.split(separator: "/").map { String($0) }
        guard parts.count > 3, let repository = try? RepositoryName("\(request.url.host)/shop/web"),
            let digest = try? Digest(parts[parts.count - 1])
        else { return OutboundResponse(status: 404) }
        switch parts[parts.count - 2] {
        case "manifests":
            guard let found = try? await registry.manifest(repository, digest) else { break }
            return OutboundResponse(
                status: 200,
                headers: ["content-type": found.descriptor.mediaType.rawValue],
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
