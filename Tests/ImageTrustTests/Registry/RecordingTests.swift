import NotaryVerification
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@testable import ImageTrust

@Suite("What a judgement leaves behind for who asks why")
struct RecordingTests {
    @Test("every signature is kept with its outcome, and every question with its answer, in order")
    func kept() async throws {
        let scene = try TrustScene()
        let good = try scene.sign(scene.image)
        let strange = try scene.sign(scene.image, by: scene.stranger())
        let record = JudgementRecord()
        let registry = RecordingRegistry(scene.registry)
        let judge = ImageJudge(registry: registry, record: record)
        let judgement = await judge.judge(scene.pinned, policies: [try scene.policy()], now: TrustScene.now)
        #expect(judgement.verdict == .trusted)
        let entry = try #require(record.entries.first)
        #expect(record.entries.count == 1 && entry.subject.digest == scene.image.digest)
        #expect(Set(entry.signatures.map(\.manifestDigest)) == [good.descriptor.digest, strange.descriptor.digest])
        let outcomes = Dictionary(entry.outcomes.map { ($0.evidence, $0.reason) }) { $1 }
        #expect(outcomes == [good.descriptor.digest: .verified, strange.descriptor.digest: .noTrustedSignature])
        let exchanges = registry.exchanges
        #expect(exchanges.first?.question == .resolve(scene.pinned))
        #expect(exchanges.allSatisfy { $0.answer != nil })
        guard case .manifest(let manifest) = exchanges.first?.answer else {
            Issue.record("\(exchanges)")
            return
        }
        #expect(manifest.descriptor.digest == scene.image.digest)
        #expect(exchanges.contains { $0.answer == .blob(good.envelope) })
    }

    @Test("a registry that fails is passed on and kept as a failure")
    func failure() async throws {
        let scene = try TrustScene()
        let registry = RecordingRegistry(scene.registry)
        let missing = ImageReference(repository: scene.repository, tag: "gone")
        await #expect(throws: RegistryError.self) { _ = try await registry.resolve(missing) }
        guard case .failure(let error) = registry.exchanges.first?.answer else {
            Issue.record("\(registry.exchanges)")
            return
        }
        #expect(error.code == .notFound)
    }
}
