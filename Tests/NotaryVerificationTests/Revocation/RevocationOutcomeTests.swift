import FoundationEssentials
import NotaryVerification
import SigningTestKit
import Testing
import TrustModel

/// What is known about a certificate.
enum Said: String, Sendable, CaseIterable {
    case good, revoked, unknown, nothing

    func answer(_ issuer: TestCertificate) throws -> RevocationAnswer {
        let now = Scene.now
        switch self {
        case .good: return .bytes(try OCSPRecipe(now: now).respond(issuer), receivedAt: now)
        case .revoked:
            return .bytes(try OCSPRecipe(now: now, status: .revoked(now, reason: 1)).respond(issuer), receivedAt: now)
        case .unknown: return .bytes(try OCSPRecipe(now: now, status: .unknown).respond(issuer), receivedAt: now)
        case .nothing: return .failure("it is down")
        }
    }
}

@Suite("What revocation leads to")
struct RevocationOutcomeTests {
    /// A chain of two certificates that name responders of their own, and what these say.
    private func scene(_ leaf: Said, _ authority: Said) throws -> (Scene, RevocationEvidence) {
        let root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 800))
        var middle = CertificateRecipe.authority("CA")
        middle.ocspURL = "http://root.example.com"
        let issuer = try middle.issue(.shared(.p256, 801), by: root)
        var recipe = CertificateRecipe.leaf()
        recipe.ocspURL = "http://ca.example.com"
        let signer = try recipe.issue(.shared(.p256, 802), by: issuer)
        let scene = try Scene(chain: TestChain([signer, issuer, root]))
        var evidence = RevocationEvidence()
        let lookups = try #require(try scene.examine().questions.first).lookups
        for (lookup, (said, signer)) in zip(lookups, [(leaf, issuer), (authority, root)]) {
            guard case .ask(let requests) = lookup.progress(evidence, now: Scene.now) else { continue }
            for request in requests { evidence.answers[request] = try said.answer(signer) }
        }
        return (scene, evidence)
    }

    @Test("The worst that is said about any certificate counts", arguments: Said.allCases, Said.allCases)
    func aggregation(leaf: Said, authority: Said) throws {
        let (scene, evidence) = try scene(leaf, authority)
        let outcome = try scene.examine().conclude(with: evidence)
        let said = [leaf, authority]
        let expected: (Verdict, Reason) =
            said.contains(.revoked)
            ? (.untrusted, .certificateRevoked)
            : said.contains(.unknown)
                ? (.unknown, .revocationUnknown)
                : said.contains(.nothing) ? (.unknown, .revocationUnavailable) : (.trusted, .verified)
        #expect(outcome.verdict == expected.0 && outcome.reason == expected.1, "\(outcome.message)")
        #expect(outcome.evidenceUntil == (expected.0 == .trusted ? Scene.now.addingTimeInterval(3600) : nil))
        // Evidence comes and goes, the signature stays: that is not when it lapses.
        if expected.0 == .trusted {
            #expect(outcome.validUntil.map { $0 > Scene.now.addingTimeInterval(3600) } == true)
        }
    }

    @Test("Where the policy logs, the signature counts and the warning says what was found", arguments: Said.allCases)
    func logged(said: Said) throws {
        var (scene, evidence) = try scene(said, .good)
        scene.trust.overrides = [.revocation: .log]
        let outcome = try scene.examine().conclude(with: evidence)
        #expect(outcome.verdict == .trusted)
        #expect(outcome.warnings.count == (said == .good ? 0 : 1))
        #expect((outcome.evidenceUntil != nil) == (said == .good))
    }

    @Test("Messages name the certificate, who says what, and what to do")
    func messages() throws {
        let (scene, evidence) = try scene(.revoked, .good)
        let outcome = try scene.examine().conclude(with: evidence)
        #expect(
            outcome.message.hasSuffix(
                "has certificate CN=signer.example.com,O=Example,ST=WA,C=US, which was revoked at 2026-06-01T00:00:00Z "
                    + "(keyCompromise), as OCSP responder http://ca.example.com says; find out what else was signed with this "
                    + "key, and sign what is good again with another"
            ),
            "\(outcome.message)"
        )
        let (other, nothing) = try self.scene(.nothing, .good)
        let open = try other.examine().conclude(with: nothing)
        #expect(open.message.contains("OCSP responder http://ca.example.com gave no answer: it is down"))
    }

    @Test("An OCSP answer that says unknown, or none, leads to the lists", arguments: [Said.unknown, .nothing])
    func fallback(said: Said) throws {
        var scene = try RevocationScene(ocsp: true, lists: [RevocationScene.list])
        guard case .ask(let requests) = try scene.lookup.progress(scene.evidence, now: Scene.now) else { return }
        for request in requests { scene.evidence.answers[request] = try said.answer(scene.authority) }
        let next = try scene.lookup.progress(scene.evidence, now: Scene.now)
        #expect(next == .ask([.revocationList(url: RevocationScene.list)]))
        try scene.publish(RevocationListRecipe(now: Scene.now))
        #expect(try scene.status().kind == "good")
        try scene.publish(RevocationListRecipe(now: Scene.now, entries: [.init(4711, at: Scene.now)]))
        #expect(try scene.status().kind == "revoked")
        scene.evidence.answers[.revocationList(url: RevocationScene.list)] = .failure("it is down")
        #expect(try scene.status().kind == (said == .unknown ? "unknown" : "unavailable"))
    }

    @Test("A good answer of a responder asks for no list")
    func noFallback() throws {
        var scene = try RevocationScene(ocsp: true, lists: [RevocationScene.list])
        try scene.answer(OCSPRecipe(now: Scene.now).respond(scene.authority))
        #expect(try scene.status().kind == "good")
    }

    @Test("The answers of one certificate do not count for another")
    func othersAnswers() throws {
        let first = try RevocationScene(ocsp: true)
        let bytes = try OCSPRecipe(now: Scene.now).respond(first.authority)
        var second = try RevocationScene(ocsp: true) { $0.serialNumber = 5000 }
        try second.answer(bytes)
        #expect(try second.status().kind == "unavailable")
    }
}
