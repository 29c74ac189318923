import FoundationEssentials
import ImageTrust
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Synchronization
import Testing
import TrustModel

@Suite("Judgements that are shared")
struct SharedJudgementsTests {
    private static let now = TrustScene.now

    private func ask(
        _ shared: SharedJudgements,
        _ scene: TrustScene,
        images: [ImageReference]? = nil,
        policies: [PreparedPolicy]? = nil,
        maximumAge: Duration = .seconds(60),
        whenTrusted: Duration = .zero,
        after seconds: Double = 0
    ) async throws -> ImageJudgement {
        let policies = try policies ?? [scene.policy()]
        return await shared.judgement(
            of: images ?? [scene.pinned],
            policies: policies,
            within: JudgementAge(any: maximumAge, trusted: whenTrusted)
        ) { Self.now.addingTimeInterval(seconds) }
        .judgement
    }

    private func signedScene() throws -> (TrustScene, SharedJudgements) {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        return (scene, SharedJudgements(judge: ImageJudge(registry: scene.registry)))
    }

    private func judgements(_ scene: TrustScene) -> Int {
        scene.registry.calls.count { if case .resolve = $0 { true } else { false } }
    }

    // MARK: Age

    @Test("A judgement is remembered for as long as the caller allows")
    func maximumAge() async throws {
        let (scene, shared) = try signedScene()
        #expect(try await ask(shared, scene).verdict == .trusted)
        #expect(try await ask(shared, scene, after: 59.9).verdict == .trusted)
        #expect(judgements(scene) == 1)
        _ = try await ask(shared, scene, after: 60)
        #expect(judgements(scene) == 2)
        _ = try await ask(shared, scene, maximumAge: .zero, after: 60)
        #expect(judgements(scene) == 3)
        _ = try await ask(shared, scene, maximumAge: .milliseconds(500), after: 60.4)
        #expect(judgements(scene) == 3)
    }

    @Test("A trusted image is not asked about again for longer than one that may yet be signed")
    func trustedAge() async throws {
        let (scene, shared) = try signedScene()
        _ = try await ask(shared, scene)
        #expect(try await ask(shared, scene, whenTrusted: .seconds(300), after: 299).verdict == .trusted)
        #expect(judgements(scene) == 1)
        _ = try await ask(shared, scene, whenTrusted: .seconds(300), after: 300)
        #expect(judgements(scene) == 2)
        let unsigned = try TrustScene()
        let others = SharedJudgements(judge: ImageJudge(registry: unsigned.registry))
        _ = try await ask(others, unsigned)
        try unsigned.sign(unsigned.image)
        let later = try await ask(others, unsigned, whenTrusted: .seconds(300), after: 60)
        #expect(later.verdict == .trusted)
    }

    @Test("Trust ends with the evidence and with the policy, however long the registry is not asked")
    func trustEnds() async throws {
        let scene = try TrustScene()
        let shared = SharedJudgements(judge: ImageJudge(registry: scene.registry))
        var request = SigningRequest(scene.image)
        request.expiry = Self.now.addingTimeInterval(100)
        try scene.sign(scene.image, request: request)
        let policies = [try scene.policy(revision: "1")]
        _ = try await ask(shared, scene, policies: policies)
        let expired = try await ask(shared, scene, policies: policies, whenTrusted: .seconds(300), after: 100)
        #expect(expired.reason == .signatureExpired)
        let stranger = try scene.policy("shop", [scene.authority("acme", try scene.stranger())], revision: "2")
        let withdrawn = try await ask(shared, scene, policies: [stranger], whenTrusted: .seconds(300), after: 50)
        #expect(withdrawn.verdict == .unknown)
    }

    @Test("What was remembered says when it was made")
    func dated() async throws {
        let (scene, shared) = try signedScene()
        let policies = [try scene.policy()]
        for second in [0.0, 30] {
            let dated = await shared.judgement(
                of: [scene.pinned],
                policies: policies,
                within: JudgementAge(any: .seconds(60))
            ) { Self.now.addingTimeInterval(second) }
            #expect(dated.madeAt == Self.now)
        }
    }

    @Test("A clock that was set back makes a remembered judgement worthless")
    func clockSetBack() async throws {
        let (scene, shared) = try signedScene()
        _ = try await ask(shared, scene)
        _ = try await ask(shared, scene, after: -1)
        #expect(judgements(scene) == 2)
    }

    @Test("A judgement is not handed out beyond its validity, however young it is")
    func validUntil() async throws {
        let scene = try TrustScene()
        let shared = SharedJudgements(judge: ImageJudge(registry: scene.registry))
        var request = SigningRequest(scene.image)
        request.expiry = Self.now.addingTimeInterval(10)
        try scene.sign(scene.image, request: request)
        #expect(try await ask(shared, scene).verdict == .trusted)
        #expect(try await ask(shared, scene, after: 9).verdict == .trusted)
        #expect(judgements(scene) == 1)
        #expect(try await ask(shared, scene, after: 10).reason == .signatureExpired)
        #expect(judgements(scene) == 2)
    }

    @Test("An outage is not remembered, and neither makes it an earlier judgement forgotten")
    func outage() async throws {
        let (scene, shared) = try signedScene()
        let call = ScriptedRegistry.Call.resolve(scene.pinned.description)
        scene.registry.fail(call, .unreachable)
        #expect(try await ask(shared, scene).reason == .registryUnreachable)
        scene.registry.fail(call, nil)
        #expect(try await ask(shared, scene).verdict == .trusted)
        scene.registry.fail(call, .unreachable)
        #expect(try await ask(shared, scene, maximumAge: .zero, after: 1).reason == .registryUnreachable)
        #expect(try await ask(shared, scene, after: 2).verdict == .trusted)
    }

    @Test("Bad news is remembered like good news")
    func badNews() async throws {
        let scene = try TrustScene()
        let shared = SharedJudgements(judge: ImageJudge(registry: scene.registry))
        for second in 0..<3 { #expect(try await ask(shared, scene, after: Double(second)).reason == .noSignature) }
        #expect(judgements(scene) == 1)
    }

    @Test("A judgement begun before a person asked for a new one is not taken, remembered or under way")
    @MainActor
    func notBefore() async throws {
        let scene = try TrustScene()
        let shared = SharedJudgements(judge: ImageJudge(registry: scene.registry))
        let policies = [try scene.policy()]
        let ask: @MainActor @Sendable (Double) async throws -> DatedJudgement = { second in
            let now = Self.now.addingTimeInterval(second)
            let age = JudgementAge(any: .seconds(60), notBefore: now)
            return await shared.judgement(of: [scene.pinned], policies: policies, within: age) { now }
        }
        #expect(try await ask(0).judgement.reason == .noSignature)
        #expect(try await ask(1).madeAt == Self.now.addingTimeInterval(1))
        #expect(judgements(scene) == 2)
        let gate = Gate()
        hold(scene, at: gate)
        try await withThrowingTaskGroup(of: DatedJudgement.self) { group in
            group.addTask { try await ask(2) }
            while judgements(scene) < 3 { await Task.yield() }
            try scene.sign(scene.image)
            group.addTask { try await ask(3) }
            await settle()
            gate.open()
            var dates: [Date: Verdict] = [:]
            for try await dated in group { dates[dated.madeAt] = dated.judgement.verdict }
            #expect(dates[Self.now.addingTimeInterval(3)] == .trusted && dates.count == 2)
        }
        #expect(judgements(scene) == 4)
    }

    // MARK: What is the same

    @Test("Another revision of a policy, another set of policies or another platform is another judgement")
    func keys() async throws {
        let (scene, shared) = try signedScene()
        let stranger = [scene.authority("acme", try scene.stranger())]
        #expect(try await ask(shared, scene, policies: [scene.policy(revision: "1")]).verdict == .trusted)
        let changed = try scene.policy("shop", stranger, revision: "2")
        #expect(try await ask(shared, scene, policies: [changed]).verdict == .unknown)
        _ = try await ask(shared, scene, policies: [scene.policy(revision: "1"), scene.policy("b", revision: "1")])
        #expect(judgements(scene) == 3)
        _ = try await ask(shared, scene, policies: [scene.policy("b", revision: "1"), scene.policy(revision: "1")])
        #expect(judgements(scene) == 3)
        _ = await shared.judgement(
            of: [scene.pinned],
            in: ImageContext(platform: try Platform("linux/amd64")),
            policies: [try scene.policy(revision: "1")],
            within: JudgementAge(any: .seconds(60))
        ) { Self.now }
        #expect(judgements(scene) == 4)
    }

    @Test("All references of an image must be satisfied, each by the policies in whose scope it is")
    func references() async throws {
        let (scene, shared) = try signedScene()
        let mirror = ImageReference(
            repository: try RepositoryName("mirror.example.com/shop/web"),
            digest: scene.image.digest
        )
        let here = try scene.policy("here", scope: ImageScope(include: ["registry.example.com/*"]))
        let there = try scene.policy(
            "there",
            [scene.authority("acme", scene.stranger())],
            scope: ImageScope(include: ["mirror.example.com/*"])
        )
        #expect(try await ask(shared, scene, images: [scene.pinned], policies: [here, there]).verdict == .trusted)
        let both = try await ask(shared, scene, images: [scene.pinned, mirror], policies: [here, there])
        #expect(both.verdict == .unknown)
        #expect(both.judgements.map(\.policy.name) == ["here", "there"])
        let asked = scene.registry.calls.count
        #expect(try await ask(shared, scene, images: [mirror, scene.pinned], policies: [here, there]) == both)
        #expect(scene.registry.calls.count == asked)
        #expect(try await ask(shared, scene, images: [mirror], policies: [here]).reason == .noPolicy)
    }

    @Test("A full memory forgets its oldest quarter, and judging a known image again forgets nothing")
    func capacity() async throws {
        let scene = try TrustScene()
        let shared = SharedJudgements(judge: ImageJudge(registry: scene.registry), capacity: 4)
        func ask(_ number: Int, at second: Double, maximumAge: Duration = .seconds(60)) async throws {
            let digest = Digest.of([UInt8(number)])
            _ = try await self.ask(
                shared,
                scene,
                images: [ImageReference(repository: scene.repository, digest: digest)],
                maximumAge: maximumAge,
                after: second
            )
        }
        for number in 0..<4 { try await ask(number, at: Double(number)) }
        try await ask(3, at: 4, maximumAge: .zero)
        scene.registry.forgetCalls()
        for number in 0..<4 { try await ask(number, at: 5) }
        #expect(judgements(scene) == 0)
        try await ask(4, at: 6)
        scene.registry.forgetCalls()
        for number in [4, 3, 2, 1] { try await ask(number, at: 7) }
        #expect(judgements(scene) == 0)
        try await ask(0, at: 8)
        #expect(judgements(scene) == 1)
    }

    // MARK: At the same time

    /// Holds up the first question until the gate is opened, and lets every later one through.
    private func hold(_ scene: TrustScene, at gate: Gate, then: @escaping @Sendable () -> Void = {}) {
        let isFirst = Mutex(true)
        scene.registry.onCall { _ in
            let first = isFirst.withLock { value in
                defer { value = false }
                return value
            }
            guard first else { return }
            await gate.pass()
            then()
        }
    }

    /// A caller on the main actor, where callers take turns in the order they came.
    private func question(
        _ shared: SharedJudgements,
        _ scene: TrustScene,
        maximumAge: Duration = .seconds(60)
    ) -> @MainActor @Sendable () async throws -> ImageJudgement {
        { try await ask(shared, scene, maximumAge: maximumAge) }
    }

    /// Lets everybody on this actor get as far as they can.
    private func settle() async { for _ in 0..<100 { await Task.yield() } }

    @Test("Callers that ask at the same time get one judgement, even when they allow no age", .timeLimit(.minutes(5)))
    @MainActor
    func singleFlight() async throws {
        let (scene, shared) = try signedScene()
        let gate = Gate()
        hold(scene, at: gate)
        try await withThrowingTaskGroup(of: ImageJudgement.self) { group in
            for _ in 0..<20 { group.addTask(operation: question(shared, scene, maximumAge: .zero)) }
            await settle()
            gate.open()
            for try await judgement in group { #expect(judgement.verdict == .trusted) }
        }
        #expect(judgements(scene) == 1)
    }

    @Test("What a cancelled caller found out is not shared: those who waited ask again", .timeLimit(.minutes(5)))
    @MainActor
    func cancelledLeader() async throws {
        let (scene, shared) = try signedScene()
        let gate = Gate()
        hold(scene, at: gate) { withUnsafeCurrentTask { $0?.cancel() } }
        try await withThrowingTaskGroup(of: ImageJudgement.self) { group in
            for _ in 0..<10 { group.addTask(operation: question(shared, scene)) }
            await settle()
            gate.open()
            var verdicts: [Verdict] = []
            for try await judgement in group { verdicts.append(judgement.verdict) }
            #expect(verdicts.count { $0 == .trusted } == 9)
            #expect(verdicts.count { $0 == .unknown } == 1)
        }
        #expect(judgements(scene) == 2)
    }

    @Test(
        "A caller that is cancelled while it waits returns at once, and the others are not disturbed",
        .timeLimit(.minutes(5))
    )
    @MainActor
    func cancelledWaiter() async throws {
        let (scene, shared) = try signedScene()
        let gate = Gate()
        hold(scene, at: gate)
        try await withThrowingTaskGroup(of: ImageJudgement.self) { group in
            group.addTask(operation: question(shared, scene))
            await settle()
            let waiting = try await withThrowingTaskGroup(of: ImageJudgement.self) { inner in
                inner.addTask(operation: question(shared, scene))
                await settle()
                inner.cancelAll()
                return try await inner.next()
            }
            #expect(waiting?.verdict == .unknown)
            #expect(waiting?.reason == .registryUnreachable)
            gate.open()
            for try await judgement in group { #expect(judgement.verdict == .trusted) }
        }
        #expect(judgements(scene) == 1)
        #expect(try await ask(shared, scene).verdict == .trusted)
        #expect(judgements(scene) == 1)
    }
}
