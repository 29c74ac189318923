import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

/// The table of the trust policy specification ("Signature Verification details"), written out apart from the product's.
private let table: [VerificationLevel: [VerificationCheck: VerificationAction]] = [
    .strict: [
        .integrity: .enforce, .authenticity: .enforce, .authenticTimestamp: .enforce, .expiry: .enforce,
        .revocation: .enforce,
    ],
    .permissive: [
        .integrity: .enforce, .authenticity: .enforce, .authenticTimestamp: .log, .expiry: .log, .revocation: .log,
    ],
    .audit: [.integrity: .enforce, .authenticity: .log, .authenticTimestamp: .log, .expiry: .log, .revocation: .log],
]

/// A policy and the checks that its signature fails.
struct LevelCase: Sendable, CustomTestStringConvertible {
    let level: VerificationLevel
    let override: (check: VerificationCheck, action: VerificationAction)?
    let failing: Set<VerificationCheck>

    var testDescription: String {
        let override = override.map { " with \($0.check)=\($0.action)" } ?? ""
        return "\(level)\(override), failing: \(failing.map(\.rawValue).sorted().joined(separator: " "))"
    }

    /// In the order in which a verification meets them.
    static let order: [VerificationCheck] = [.integrity, .authenticity, .expiry, .authenticTimestamp, .revocation]

    static let all: [LevelCase] = [VerificationLevel.strict, .permissive, .audit].flatMap { level in
        let overrides: [(VerificationCheck, VerificationAction)?] =
            [nil]
            + VerificationCheck.allCases.filter { $0 != .integrity }.flatMap { check in
                VerificationAction.allCases.filter { $0 != .skip || check == .revocation }.map { (check, $0) }
            }
        return overrides.flatMap { override in
            (0..<32).map { bits in
                let failing = order.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element)
                return LevelCase(level: level, override: override, failing: Set(failing))
            }
        }
    }

    func action(_ check: VerificationCheck) throws -> VerificationAction {
        if let override, override.check == check { return override.action }
        return try #require(table[level]?[check])
    }

    static func reason(_ check: VerificationCheck) -> (Verdict, Reason) {
        switch check {
        case .integrity: (.untrusted, .signatureInvalid)
        case .authenticity: (.unknown, .noTrustedSignature)
        case .expiry: (.untrusted, .signatureExpired)
        case .authenticTimestamp: (.untrusted, .certificateExpired)
        case .revocation: (.unknown, .revocationUnavailable)
        }
    }
}

@Suite("Levels, overrides and failing checks")
struct LevelMatrixTests {
    /// A signature that fails exactly the given checks.
    private func scene(_ example: LevelCase) throws -> Scene {
        var leaf = CertificateRecipe.leaf()
        if example.failing.contains(.revocation) { leaf.ocspURL = "http://ocsp.example.com" }
        if example.failing.contains(.authenticTimestamp) { leaf.notAfter = Scene.now.addingTimeInterval(-60) }
        var scene = try Scene(chain: TestChain.make(leaf: leaf), level: example.level)
        if example.failing.contains(.expiry) { scene.request.expiry = Scene.now.addingTimeInterval(-60) }
        if example.failing.contains(.authenticity) {
            let stranger = try TestChain.make(number: 1).root.der
            scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [stranger])]
        }
        if let override = example.override { scene.trust.overrides = [override.check: override.action] }
        return scene
    }

    @Test("What the table says happens, for every level, override and set of failing checks", arguments: LevelCase.all)
    func matrix(_ example: LevelCase) throws {
        let format: TestSignature.Format = example.failing.count % 2 == 0 ? .jws : .cose
        let scene = try scene(example)
        var envelope = try scene.envelope(format)
        if example.failing.contains(.integrity) { envelope = try spoilt(scene, format) }
        let outcome = try scene.judge(envelope: envelope, format: format)

        let failures = LevelCase.order.filter { example.failing.contains($0) }
        let decisive = try failures.first { try example.action($0) == .enforce }
        let met = decisive.flatMap(failures.firstIndex).map { Array(failures[..<$0]) } ?? failures
        let logged = try met.filter { try example.action($0) == .log }
        #expect(outcome.warnings.count == logged.count)
        for (warning, check) in zip(outcome.warnings, logged) { #expect(warning.hasPrefix("\(check.rawValue): ")) }
        if let decisive {
            let verdict = LevelCase.reason(decisive).0
            var reason = LevelCase.reason(decisive).1
            // Where a stranger's certificates say to ask, nobody is asked.
            if decisive == .revocation, example.failing.contains(.authenticity) { reason = .noTrustedSignature }
            #expect(outcome.verdict == verdict, "\(outcome.message)")
            #expect(outcome.reason == reason, "\(outcome.message)")
            #expect(outcome.validUntil == nil)
        } else {
            #expect(outcome.verdict == .trusted, "\(outcome.message)")
            for check in VerificationCheck.allCases {
                let isSkipped = try example.action(check) == .skip
                let results = outcome.checks.filter { $0.check == check }.map(\.result)
                #expect(!results.isEmpty)
                #expect(results.contains(.notRun) == isSkipped)
                #expect(results.contains(.failed) == (logged.contains(check)))
            }
        }
    }

    private func spoilt(_ scene: Scene, _ format: TestSignature.Format) throws -> [UInt8] {
        switch format {
        case .jws:
            var recipe = JWSRecipe(scene.request, chain: scene.chain)
            recipe.alterSignature = { [$0[0] ^ 1] + $0.dropFirst() }
            return try recipe.envelope()
        case .cose:
            var recipe = COSERecipe(scene.request, chain: scene.chain)
            recipe.alterSignature = { [$0[0] ^ 1] + $0.dropFirst() }
            return try recipe.envelope()
        }
    }

    @Test("Level skip verifies nothing and says so")
    func skip() throws {
        var scene = try Scene()
        scene.trust = NotaryTrust(level: .skip)
        #expect(try NotaryVerifier(trust: scene.trust).isSkip)
        let outcome = try scene.judge()
        #expect(outcome.verdict == .unknown)
        #expect(outcome.reason == .skippedByPolicy)
        #expect(outcome.checks.isEmpty)
    }

    @Test("Only enforced checks limit how long a verdict holds")
    func validUntil() throws {
        var leaf = CertificateRecipe.leaf()
        leaf.notAfter = Scene.now.addingTimeInterval(86_400)
        var scene = try Scene(chain: TestChain.make(leaf: leaf))
        #expect(try scene.judge().validUntil == leaf.notAfter)
        scene.request.expiry = Scene.now.addingTimeInterval(3_600)
        #expect(try scene.judge().validUntil == scene.request.expiry)
        scene.trust.overrides = [.expiry: .log]
        #expect(try scene.judge().validUntil == leaf.notAfter)
        scene.trust.overrides = [.expiry: .log, .authenticTimestamp: .log]
        #expect(try scene.judge().validUntil == nil)
        scene.trust.overrides = [.authenticTimestamp: .log]
        #expect(try scene.judge().validUntil == scene.request.expiry)
    }
}
