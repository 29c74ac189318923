import ImageTrust
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@testable import VigilCommand

@Suite("Runs")
struct VerifyRunTests {
    @Test("no more images than --concurrency are judged at a time", arguments: [1, 3])
    func concurrency(limit: Int) async throws {
        let registry = ImagesInMemory(silentHosts: ["slow.example"])
        var policies = try PolicyFilesFixture.set(PolicyText.trusting(try TestChain.make()))
        var plan = VerificationPlan()
        for index in 0..<7 { try plan.add("slow.example/x\(index):v1", policies: &policies) }
        // Nothing answers and the clock does not move: exactly the images under way have been asked for.
        let settings = VerifyRun.Settings(
            targets: plan.targets,
            platform: nil,
            concurrency: limit,
            timeout: .seconds(1),
            clock: NeverClock(),
            now: CommandRun.now
        )
        let run = VerifyRun(settings: settings, judge: ImageJudge(registry: registry))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await run.report() }
            while registry.asked.count < limit { await Task.yield() }
            for _ in 0..<1000 { await Task.yield() }
            #expect(registry.asked.count == limit)
            group.cancelAll()
        }
    }

    @Test("the report keeps the order of the images, whichever answers first")
    func order() async throws {
        let registry = ImagesInMemory(unreachableHosts: ["down.example"])
        try registry.push("r.example/b:v1")
        var policies = try PolicyFilesFixture.set(PolicyText.trusting(try TestChain.make()))
        var plan = VerificationPlan()
        let names = ["down.example/a:v1", "r.example/b:v1", "r.example/c:v1", "down.example/d:v1"]
        for name in names { try plan.add(name, policies: &policies) }
        let settings = VerifyRun.Settings(
            targets: plan.targets,
            platform: nil,
            concurrency: 4,
            timeout: .seconds(1),
            clock: NeverClock(),
            now: CommandRun.now
        )
        let report = try await VerifyRun(settings: settings, judge: ImageJudge(registry: registry)).report()
        #expect(report.images.map(\.target.text) == names)
        #expect(
            report.images.map(\.judgement.reason) == [
                .registryUnreachable, .noSignature, .imageNotFound, .registryUnreachable,
            ]
        )
    }

    @Test("names that mean the same image are one target")
    func plan() throws {
        var policies = try PolicyFilesFixture.set(PolicyText.trusting(try TestChain.make()))
        var plan = VerificationPlan()
        for name in ["nginx:1", "docker.io/library/nginx:1", "index.docker.io/library/nginx:1", "nginx:2"] {
            try plan.add(name, policies: &policies)
        }
        #expect(plan.targets.map(\.text) == ["nginx:1", "nginx:2"])
    }

    @Test("durations are written as people write them")
    func durations() {
        #expect(Duration.seconds(30).inSeconds == "30s")
        #expect(Duration.milliseconds(1500).inSeconds == "1.5s")
        #expect(Duration.milliseconds(1).inSeconds == "0.001s")
    }
}
