import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Time")
struct TimeTests {
    private func chain(from: Double, to: Double) throws -> TestChain {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = Scene.now.addingTimeInterval(from)
        leaf.notAfter = Scene.now.addingTimeInterval(to)
        return try TestChain.make(leaf: leaf)
    }

    @Test(
        "Under notary.x509 certificates must be valid now, both ends included",
        arguments: [(-60.0, 60.0, true), (0, 60, true), (-60, 0, true), (1, 60, false), (-60, -1, false)]
    )
    func present(from: Double, to: Double, isValid: Bool) throws {
        let outcome = try Scene(chain: chain(from: from, to: to)).judge()
        #expect(outcome.verdict == (isValid ? .trusted : .untrusted))
        #expect(outcome.reason == (isValid ? .verified : .certificateExpired))
    }

    @Test("The root counts as well")
    func root() throws {
        var root = CertificateRecipe.authority("Root")
        root.notAfter = Scene.now.addingTimeInterval(-1)
        let outcome = try Scene(chain: TestChain.make(root: root)).judge(format: .cose)
        #expect(outcome.reason == .certificateExpired)
        #expect(outcome.message.contains("certificate CN=Root,"))
    }

    @Test(
        "Under the signing authority's scheme certificates must have been valid when it was signed",
        arguments: [(-60.0, true), (-120, true), (0, true), (-121, false), (1, false)]
    )
    func authority(signedAt: Double, isValid: Bool) throws {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = Scene.now.addingTimeInterval(-120)
        leaf.notAfter = Scene.now
        var scene = try Scene(chain: TestChain.make(leaf: leaf))
        scene.useSigningAuthority(at: Scene.now.addingTimeInterval(signedAt))
        scene.now = Scene.now.addingTimeInterval(1_000_000)
        for format in TestSignature.Format.allCases {
            let outcome = try scene.judge(format: format)
            #expect(outcome.verdict == (isValid ? .trusted : .untrusted), "\(outcome.message)")
            #expect(outcome.signedAt == Scene.now.addingTimeInterval(signedAt))
            // Such a verdict does not lapse with the certificates.
            #expect(outcome.validUntil == nil)
        }
    }

    @Test("A signature fails from its expiry on", arguments: [(1.0, true), (0, false), (-1, false)])
    func expiry(offset: Double, isValid: Bool) throws {
        for format in TestSignature.Format.allCases {
            var scene = try Scene()
            scene.request.expiry = Scene.now.addingTimeInterval(offset)
            let outcome = try scene.judge(format: format)
            #expect(outcome.reason == (isValid ? .verified : .signatureExpired))
        }
    }

    /// When a timestamp must be verified, which is not possible here: never passed over, never taken for good.
    @Test(
        "A demanded timestamp is never taken for good",
        arguments: [TimestampVerification.always, .afterCertExpiry],
        [false, true]
    )
    func timestamps(option: TimestampVerification, isExpired: Bool) throws {
        for token in [nil, [1, 2, 3] as [UInt8]?] {
            var scene = try Scene(chain: chain(from: -120, to: isExpired ? -60 : 60))
            let anchor = scene.chain.root.der
            scene.trust.trustStores.append(TrustStore(kind: .tsa, name: "clock", certificates: [anchor]))
            scene.trust.verifyTimestamp = option
            scene.request.timestampToken = token
            let outcome = try scene.judge()
            let isDemanded = option == .always || isExpired
            #expect(outcome.reason == (isDemanded ? .timestampUnavailable : .verified), "\(outcome.message)")
            #expect(outcome.verdict == (isDemanded ? .unknown : .trusted))
            if isDemanded {
                #expect(outcome.message.contains("tsa:clock"))
                #expect(outcome.message.contains("cannot be checked") == (token != nil))
            }
        }
    }

    @Test("Without a tsa store, and for a signing authority, a timestamp is not looked at")
    func ignoredTimestamps() throws {
        var scene = try Scene()
        scene.request.timestampToken = [1, 2, 3]
        #expect(try scene.judge().verdict == .trusted)
        scene.useSigningAuthority(at: Scene.now)
        scene.request.timestampToken = [1, 2, 3]
        scene.trust.trustStores.append(TrustStore(kind: .tsa, name: "clock", certificates: [scene.chain.root.der]))
        #expect(try scene.judge().verdict == .trusted)
    }
}
