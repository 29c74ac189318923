import ImageTrust
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@Suite("What a registry's failure means for an image")
struct RegistryFailureTests {
    /// One row of the table: what fails, and what becomes of the verdict.
    struct Expectation: Sendable, CustomTestStringConvertible {
        let code: RegistryError.Code
        let verdict: Verdict
        let reason: Reason
        var testDescription: String { "\(code.rawValue) → \(reason)" }

        init(_ code: RegistryError.Code, _ verdict: Verdict, _ reason: Reason) {
            self.code = code
            self.verdict = verdict
            self.reason = reason
        }
    }

    /// Outages are the same wherever they strike.
    private static let outages: [Expectation] = [
        Expectation(.unreachable, .unknown, .registryUnreachable),
        Expectation(.insecure, .unknown, .registryUnreachable),
        Expectation(.serverError, .unknown, .registryUnreachable),
        Expectation(.timedOut, .unknown, .registryUnreachable),
        Expectation(.cancelled, .unknown, .registryUnreachable),
        Expectation(.unauthorized, .unknown, .registryUnauthorized),
        Expectation(.forbidden, .unknown, .registryUnauthorized),
        Expectation(.credentialsUnavailable, .unknown, .registryUnauthorized),
        Expectation(.throttled, .unknown, .registryThrottled), Expectation(.refused, .unknown, .registryMalformed),
    ]

    static let ofImage =
        outages + [
            Expectation(.notFound, .unknown, .imageNotFound),
            Expectation(.repositoryNotFound, .unknown, .imageNotFound),
            Expectation(.malformed, .unknown, .registryMalformed), Expectation(.tooLarge, .unknown, .registryMalformed),
            Expectation(.digestMismatch, .untrusted, .digestMismatch),
        ]

    static let ofListing =
        outages + [
            Expectation(.notFound, .unknown, .imageNotFound),
            Expectation(.repositoryNotFound, .unknown, .imageNotFound),
            Expectation(.malformed, .unknown, .registryMalformed), Expectation(.tooLarge, .unknown, .tooManySignatures),
            Expectation(.digestMismatch, .unknown, .registryMalformed),
        ]

    static let ofSignature =
        outages + [
            Expectation(.notFound, .untrusted, .evidenceMalformed),
            Expectation(.repositoryNotFound, .untrusted, .evidenceMalformed),
            Expectation(.malformed, .untrusted, .evidenceMalformed),
            Expectation(.tooLarge, .untrusted, .evidenceMalformed),
            Expectation(.digestMismatch, .untrusted, .signatureInvalid),
        ]

    static let ofTag =
        outages + [
            Expectation(.notFound, .unknown, .noSignature), Expectation(.repositoryNotFound, .unknown, .imageNotFound),
            Expectation(.malformed, .unknown, .registryMalformed), Expectation(.tooLarge, .unknown, .registryMalformed),
            Expectation(.digestMismatch, .unknown, .registryMalformed),
        ]

    @Test("The tables speak of every code")
    func complete() {
        for table in [Self.ofImage, Self.ofListing, Self.ofSignature, Self.ofTag] {
            #expect(Set(table.map(\.code)) == Set(RegistryError.Code.allCases))
            #expect(table.count == RegistryError.Code.allCases.count)
        }
    }

    private func check(_ judgement: ImageJudgement, _ expected: Expectation) {
        #expect(judgement.verdict == expected.verdict)
        #expect(judgement.reason == expected.reason)
    }

    @Test("The image cannot be resolved", arguments: ofImage)
    func resolve(expected: Expectation) async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        scene.registry.fail(.resolve(scene.pinned.description), expected.code)
        let judgement = try await scene.judge()
        check(judgement, expected)
        #expect(judgement.digest == scene.image.digest)
        #expect(judgement.findings.map(\.reason) == [expected.reason])
        #expect(judgement.message == "scripted \(expected.code.rawValue)")
        #expect(scene.registry.calls.count == 1)
    }

    @Test("The signatures of a signed image cannot be listed", arguments: ofListing)
    func referrers(expected: Expectation) async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        scene.registry.fail(.referrers(scene.image.digest), expected.code)
        check(try await scene.judge(), expected)
    }

    @Test("The manifest of a good signature cannot be fetched", arguments: ofSignature)
    func manifest(expected: Expectation) async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image)
        scene.registry.fail(.manifest(signature.descriptor.digest), expected.code)
        check(try await scene.judge(), expected)
    }

    @Test("The envelope of a good signature cannot be fetched", arguments: ofSignature)
    func blob(expected: Expectation) async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image)
        scene.registry.fail(.blob(Digest.of(signature.envelope)), expected.code)
        check(try await scene.judge(), expected)
    }

    @Test("An unsigned image's tag, which may lead to a signed index, cannot be resolved", arguments: ofTag)
    func tag(expected: Expectation) async throws {
        let scene = try TrustScene()
        scene.registry.fail(.tag("v1"), expected.code)
        let reference = ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
        check(try await scene.judge(reference), expected)
    }

    @Test("An outage never turns a stranger's signature into the last word, while the index could still vouch")
    func tagOutageBesideStranger() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image, by: scene.stranger())
        scene.registry.fail(.tag("v1"), .unreachable)
        let reference = ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
        let judgement = try await scene.judge(reference)
        #expect(judgement.reason == .registryUnreachable)
        #expect(judgement.verdict == .unknown)
    }

    @Test("A good signature needs no tag, so that its outage changes nothing")
    func tagOutageBesideGood() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        scene.registry.fail(.tag("v1"), .unreachable)
        let reference = ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
        #expect(try await scene.judge(reference).verdict == .trusted)
    }

    @Test("A registry in trouble is not asked for the index as well")
    func noFurtherQuestions() async throws {
        let scene = try TrustScene()
        scene.registry.fail(.referrers(scene.image.digest), .throttled)
        let reference = ImageReference(repository: scene.repository, tag: "v1", digest: scene.image.digest)
        _ = try await scene.judge(reference)
        #expect(scene.registry.calls == [.resolve(reference.description), .referrers(scene.image.digest)])
    }
}
