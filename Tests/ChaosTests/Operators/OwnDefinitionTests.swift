import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Vigil's own definitions that are missing at the start, or go while it works: 15 and 16 for whole operators.
@Suite(.timeLimit(Chaos.timeLimit)) struct OwnDefinitionTests {
    /// An image that runs, and what must be held of it.
    private typealias Expectation = (image: Descriptor, verdict: String)

    /// The kinds that are Vigil's own.
    private static let kinds = [TrustPolicy.resource, ClusterTrustPolicy.resource, ImageVerification.resource]

    // MARK: - Absent

    @Test(
        "chaos 16: without its definitions an operator waits, says which are missing, and works once they are there",
        arguments: Chaos.seeds
    )
    func absent(_ seed: UInt64) async throws {
        let name = "chaos 16 (operators)"
        try await OperatorWorld.run(name, seed: seed, watchesCluster: true, definesKinds: false) { world in
            let images = try await Self.runImages(in: world)
            let alpha = try world.start("alpha")
            try await world.waitForLeader("alpha")
            let operators = [alpha, try world.start("beta")]
            let start = world.simulation.now
            try await world.pass(.seconds(600))
            for one in operators {
                Self.expectMissing(Self.kinds, one)
                for kind in Self.kinds { Self.expectFewRequests(for: kind, by: one, since: start, in: world) }
            }
            Self.expectWarnings(in: world)
            #expect(await world.attempts().isEmpty, "written without definitions")
            // They come one after the other, in any order: what is still missing is said.
            var missing = world.simulation.draw { Self.kinds.shuffled(using: &$0) }
            while let next = missing.popLast() {
                try await world.define(next)
                let isSeen = try await world.wait(atMost: .seconds(61)) {
                    operators.allSatisfy { !$0.readyz.contains("list yet of \(next)") }
                }
                #expect(isSeen, "\(next): \(operators.map(\.readyz))")
                for one in operators where !missing.isEmpty { Self.expectMissing(missing, one) }
            }
            #expect(operators.allSatisfy { $0.readyz == "ok" }, "\(operators.map(\.readyz))")
            let ready = world.simulation.now
            try await world.apply(world.policy())
            try await Self.waitForVerdicts(images, in: world)
            #expect(world.simulation.now - ready <= .seconds(5))
            try await world.expectVerdicts(images)
        }
    }

    /// Expects that an operator goes on, and says that it is not ready for want of these definitions alone.
    private static func expectMissing(_ kinds: [ResourceType], _ one: SimulatedOperator) {
        let clauses = kinds.map { "no complete list yet of \($0)" }.sorted().joined(separator: "; ")
        #expect(one.readyz.hasPrefix("[-]informers failed: \(clauses)\n"), "\(one.name): \(one.readyz)")
        #expect(one.end == nil, "\(one.name) ended instead of waiting")
    }

    /// Expects clear words in the leader's log: which definition is missing, and that the work waits.
    private static func expectWarnings(in world: OperatorWorld) {
        let said = world.secrets.warnings.filter { $0.hasPrefix("operator.alpha: ") }
        for kind in kinds {
            let isNamed = said.contains {
                $0.contains("a copy is not complete yet") && $0.hasSuffix(" resource=\(kind)")
                    && $0.contains("is its CustomResourceDefinition installed?")
            }
            #expect(isNamed, "nothing is said of \(kind): \(said.prefix(3))")
        }
        let waits = said.filter { $0.contains("a controller waits for its caches") }
        #expect(waits.contains { $0.contains("\(ImageVerification.resource)") }, "\(waits.prefix(3))")
        // A line for each attempt and kind, and one of each controller every two minutes.
        #expect(said.count < 120, "\(said.count) warnings in ten minutes")
    }

    /// Expects no hot loop: after the first minutes one request for a kind in 30 to 60 s.
    private static func expectFewRequests(
        for kind: ResourceType,
        by one: SimulatedOperator,
        since start: Duration,
        in world: OperatorWorld
    ) {
        let reads = world.faults.requests(FaultMatch([.list, .watch], "\(kind)", client: one.name))
            .filter { $0.time >= start }
        #expect(reads.count <= 30, "\(one.name): \(reads.count) requests for \(kind)")
        let late = reads.count { $0.time >= world.simulation.now - .seconds(300) }
        #expect((4...11).contains(late), "\(one.name): \(late) requests for \(kind) in five minutes")
    }

    // MARK: - Deleted

    @Test(
        "chaos 15: a definition goes with all of its objects while operators work, and comes back; all is as before",
        arguments: Chaos.seeds,
        kinds
    )
    func deleted(_ seed: UInt64, _ kind: ResourceType) async throws {
        let name = "chaos 15 (operators, \(kind.plural))"
        let isOfCluster = kind == ClusterTrustPolicy.resource
        try await OperatorWorld.run(name, seed: seed, watchesCluster: isOfCluster) { world in
            let images = try await Self.runImages(in: world)
            let alpha = try world.start("alpha")
            try await world.waitForLeader("alpha")
            let operators = [alpha, try world.start("beta")]
            try await Self.applyPolicy(in: world)
            try await Self.waitForVerdicts(images, in: world)
            try await world.pass(.seconds(120))
            let golden = try await GoldenState.read(world)

            let gone = world.simulation.now
            try await world.withdraw(kind)
            try await Self.expectAbsence(of: kind, since: gone, operators, in: world)

            let back = world.simulation.now
            try await world.define(kind)
            if kind != ImageVerification.resource { try await Self.applyPolicy(in: world) }
            let isReady = try await world.wait(atMost: .seconds(61)) { operators.allSatisfy { $0.readyz == "ok" } }
            #expect(isReady, "\(operators.map(\.readyz))")
            try await Self.waitForVerdicts(images, in: world)
            let taken = world.simulation.now - back
            print("\(name): all verdicts \(taken) after the definition was back")
            #expect(taken <= .seconds(65), "the verdicts wait for more than the informers")

            try await world.pass(.seconds(120))
            try await world.expectVerdicts(images)
            let state = try await GoldenState.read(world)
            let differences = state.differences(from: golden)
            #expect(differences.isEmpty, "\(differences)")
            // What was made again has another uid, and is told of once more.
            let often = state.events.filter { $0.value > (golden.events[$0.key] ?? 0) + 1 }
            #expect(often.isEmpty, "Events again and again: \(often)")
            #expect(operators.allSatisfy { $0.end == nil })
            await world.expectOnlyLeader("alpha")
        }
    }

    /// Lets 400 s pass without a definition, and expects that the operators bear it.
    private static func expectAbsence(
        of kind: ResourceType,
        since gone: Duration,
        _ operators: [SimulatedOperator],
        in world: OperatorWorld
    ) async throws {
        try await world.pass(.seconds(290))
        for one in operators { #expect(one.readyz == "ok", "a copy counts for five minutes: \(one.readyz)") }
        // Where no policy speaks, nothing is held of any image.
        if kind != ImageVerification.resource { try await world.expectVerdicts([]) }
        try await world.pass(.seconds(110))
        for one in operators {
            let line = one.readyz.prefix { $0 != "\n" }
            #expect(line.hasPrefix("[-]informers failed: nothing heard of \(kind)"), "\(one.name): \(line)")
            #expect(!line.contains(";"), "\(one.name) misses something else: \(line)")
            expectFewRequests(for: kind, by: one, since: gone, in: world)
        }
        let isNamed = world.secrets.warnings.contains {
            $0.hasPrefix("operator.alpha: a copy may be behind the server") && $0.contains(" resource=\(kind)")
                && $0.contains("is its CustomResourceDefinition installed?")
        }
        #expect(isNamed, "the log does not say what is gone")
        // 5 ms that double: seventeen tries of each image in all, and two after the first minutes.
        let attempts = await world.attempts(since: gone).filter { $0.request.resource != "events.events.k8s.io" }
        let late = attempts.filter { $0.elapsed >= gone + .seconds(100) }
        let isOfImages = kind == ImageVerification.resource
        #expect(attempts.count <= (isOfImages ? 3 * 20 : 3) + 10, "\(attempts.count) attempts to write")
        #expect(late.count <= (isOfImages ? 3 * 3 : 0), "\(late.map(\.key))")
    }

    // MARK: - The scene

    /// Runs two images that are signed and one that is not, a pod each.
    private static func runImages(in world: OperatorWorld) async throws -> [Expectation] {
        var images: [Expectation] = []
        for number in 0..<3 {
            let image = try world.registry.push("web-\(number)")
            if number > 0 { try world.registry.sign(image, by: world.chain) }
            try await world.runPod("web-\(number)", image: image)
            images.append((image, number > 0 ? "Trusted" : "Unknown"))
        }
        return images
    }

    /// Returns as soon as each image has its verdict.
    private static func waitForVerdicts(_ images: [Expectation], in world: OperatorWorld) async throws {
        for (image, verdict) in images {
            _ = try await world.verification(of: image) { $0.status?.verdict?.rawValue == verdict }
        }
    }

    /// Makes the one policy: of the cluster where the operators watch all of it, else of the namespace.
    private static func applyPolicy(in world: OperatorWorld) async throws {
        guard world.watchesCluster else {
            try await world.apply(world.policy())
            return
        }
        _ = try await world.client.resource(ClusterTrustPolicy.self).create(
            ClusterTrustPolicy(
                metadata: ObjectMeta(name: "baseline"),
                spec: ClusterTrustPolicySpec(policy: world.policy().spec)
            )
        )
    }
}

extension OperatorWorld {
    /// Installs one of Vigil's definitions.
    fileprivate func define(_ kind: ResourceType) async throws {
        let definition = try #require(CustomResourceDefinitions.definition(forKind: kind.kind))
        try await IntegrationCluster(cluster).install(
            definition: JSONSerializer().bytes(definition.json),
            headers: ["content-type": "application/json"]
        )
    }

    /// Takes a definition away, with all of its objects.
    fileprivate func withdraw(_ kind: ResourceType) async throws {
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/\(kind)"
        _ = try await client.send(APIRequest(.delete, path))
        let gone = await #expect(throws: APIError.self) { _ = try await client.send(APIRequest(.get, path)) }
        #expect(gone?.code == .notFound)
    }

    /// Lets time pass until a condition holds; `false` when it does not within `limit`.
    fileprivate func wait(atMost limit: Duration, until isSo: () -> Bool) async throws -> Bool {
        let end = simulation.now + limit
        while !isSo() {
            guard simulation.now < end else { return false }
            try await pass(.milliseconds(200))
        }
        return true
    }
}
