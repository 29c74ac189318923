import EmbeddedKubernetes
import FoundationEssentials
import ImageTrust
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OCIModel
import OperatorTestKit
import SigningTestKit
import Synchronization
import Testing
import TrustResources

/// A cluster, a registry and any number of operators, all in the virtual time of a ``Simulation``.
final class OperatorWorld: ImageScene {
    let simulation: Simulation
    let cluster: EmbeddedCluster
    let faults: FaultPlan
    /// Where requests are served; never stopped.
    let server: Lane
    /// The test's own way to the cluster, which no fault for an operator touches.
    let client: APIClient
    let registry: InMemoryRegistry
    let gatedRegistry: GatedRegistry
    /// The network on which the registry is, where operators ask it over HTTP; `nil` where they ask it directly.
    let registryWire: RegistryWire?
    /// The registry as operators ask it.
    let images: any ImageRegistry
    let chain: TestChain
    /// The namespace of the scenarios, and the one that the operators watch.
    let namespace = "shop"
    /// Whether they watch every namespace instead.
    let watchesCluster: Bool
    /// Whether the server streams lists to watches that ask for it.
    let streamsLists: Bool
    /// The operators' Lease, outside the namespace that they watch.
    let lease = ObjectKey(namespace: "vigil-system", name: "vigil")
    let patience = Duration.seconds(180)
    let chronicle = Chronicle()
    let secrets = SecretWatch()
    let logLevel: Logger.Level
    private let operators = Shared<[SimulatedOperator]>([])

    private init(
        _ simulation: Simulation,
        seed: UInt64,
        registry: InMemoryRegistry,
        isRegistryOnWire: Bool,
        watchesCluster: Bool,
        streamsLists: Bool
    ) throws {
        self.simulation = simulation
        self.watchesCluster = watchesCluster
        self.streamsLists = streamsLists
        self.registry = registry
        faults = FaultPlan(seed: seed)
        var configuration = ClusterConfiguration.virtual(simulation.clock, epoch: Self.start, faults: faults)
        configuration.recordedMutationLimit = 200_000
        configuration.allowsWatchList = streamsLists
        cluster = EmbeddedCluster(configuration: configuration)
        server = simulation.lane()
        client = APIClient(
            transport: cluster.transport(userAgent: "tests/1", client: "tests"),
            userAgent: "tests/1",
            clock: simulation.clock,
            spread: Chaos.spread(seed)
        )
        gatedRegistry = GatedRegistry(registry)
        let wire = isRegistryOnWire ? RegistryWire(simulation, registry) : nil
        registryWire = wire
        images = wire.map { $0.client() } ?? gatedRegistry
        chain = try TestChain.make()
        let level = ProcessInfo.processInfo.environment["VIGIL_CHAOS_LOG"]
        logLevel = level.flatMap(Logger.Level.init(rawValue:)) ?? .critical
    }

    /// Runs a scenario in a new world, and checks afterwards what must hold in every one.
    ///
    /// - Parameters:
    ///   - scenario: its name, printed with the seed.
    ///   - seed: decides everything that is left to chance.
    ///   - registry: where images are; runs that are compared share one, for no two signatures are the same.
    ///   - isRegistryOnWire: whether operators ask it over HTTP, with everything that lies between.
    ///   - watchesCluster: whether operators watch every namespace.
    ///   - streamsLists: whether the server streams lists; operators ask for them in pages where it does not.
    ///   - definesKinds: whether Vigil's definitions are there from the start.
    ///   - body: the scenario.
    /// - Throws: what the scenario throws; ``Simulation/Stuck`` when it comes to no end.
    static func run(
        _ scenario: String,
        seed: UInt64,
        registry: InMemoryRegistry = InMemoryRegistry(),
        isRegistryOnWire: Bool = false,
        watchesCluster: Bool = false,
        streamsLists: Bool = true,
        definesKinds: Bool = true,
        _ body: @escaping @Sendable (OperatorWorld) async throws -> Void
    ) async throws {
        Chaos.announce(scenario, seed)
        try await Simulation.run(seed: seed) { simulation in
            let world = try OperatorWorld(
                simulation,
                seed: seed,
                registry: registry,
                isRegistryOnWire: isRegistryOnWire,
                watchesCluster: watchesCluster,
                streamsLists: streamsLists
            )
            if definesKinds { try await IntegrationCluster(world.cluster).installDefinitions() }
            for name in [world.namespace, world.lease.namespace ?? ""] {
                _ = try await world.client.resource(Namespace.self).create(
                    Namespace(metadata: ObjectMeta(name: name))
                )
            }
            try await SecretWatch.plant(in: world.namespace, world.client)
            let writing = Task(executorPreference: simulation.lane()) { await world.chronicle.write(world) }
            do {
                try await body(world)
                await world.checkInvariants(scenario, seed)
            } catch {
                await world.end(writing)
                throw error
            }
            await world.end(writing)
        }
    }

    private func end(_ writing: Task<Void, Never>) async {
        faults.heal()
        for one in operators.value { one.kill() }
        for one in operators.value { _ = await one.waitForEnd() }
        writing.cancel()
        await writing.value
    }

    // MARK: - Operators

    /// Starts an operator.
    ///
    /// - Parameters:
    ///   - name: what the server knows it by, and its identity in the election.
    ///   - isElecting: whether it takes part in the election.
    ///   - isOfAnotherVersion: whether it words its statuses differently.
    ///   - outlivesItsLease: whether only the gate keeps it from writing when its lease is lost.
    /// - Returns: the operator.
    /// - Throws: `LeaderElectionError` for a name that no election takes.
    @discardableResult
    func start(
        _ name: String,
        isElecting: Bool = true,
        isOfAnotherVersion: Bool = false,
        outlivesItsLease: Bool = false
    ) throws -> SimulatedOperator {
        let kind = SimulatedOperator.Kind(
            isElecting: isElecting,
            isOfAnotherVersion: isOfAnotherVersion,
            outlivesItsLease: outlivesItsLease
        )
        let one = try SimulatedOperator(name, in: self, kind)
        operators.change { $0.append(one) }
        one.start()
        return one
    }

    /// The operators that have neither ended nor been ended.
    var livingOperators: [SimulatedOperator] { operators.value.filter { $0.end == nil } }

    /// All operators so far.
    var everyOperator: [SimulatedOperator] { operators.value }

    /// Whether all operators so far take part in the election.
    var allElect: Bool { operators.value.allSatisfy(\.isElecting) }

    /// The names of the operators so far.
    var operatorNames: Set<String> { Set(operators.value.map(\.name)) }

    /// A wire by which the server knows the process at the other end as `client`.
    func wire(_ client: String, timeout: Duration = .seconds(60)) -> Wire {
        Wire(
            simulation,
            server: server,
            to: cluster.transport(userAgent: client, client: client),
            timeout: timeout,
            committed: { [weak self] request, response in self?.tellCommit(client, request, response) }
        )
    }

    /// Is told of each answer as soon as the server has it, before it travels.
    private let listener = Shared<(@Sendable (String, APIRequest, APIResponse) -> Void)?>(nil)

    func onAnswer(_ tell: @escaping @Sendable (String, APIRequest, APIResponse) -> Void) { listener.value = tell }

    private func tellCommit(_ client: String, _ request: APIRequest, _ response: APIResponse) {
        listener.value?(client, request, response)
    }

    /// Lets time pass.
    func pass(_ duration: Duration) async throws { try await simulation.sleep(for: duration) }

    /// Suspends until `name` holds the lease.
    func waitForLeader(_ name: String) async throws {
        let end = simulation.now + patience
        while simulation.now < end {
            let lease = try? await client.resource(Lease.self).get(lease.name, namespace: lease.namespace)
            if let lease, (lease.spec?.holderIdentity ?? "") == name { return }
            try await pass(.milliseconds(100))
        }
        throw SceneError("the lease was not held by \"\(name)\" within \(patience)")
    }
}
