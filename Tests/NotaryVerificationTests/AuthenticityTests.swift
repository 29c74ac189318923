import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Authenticity, revocation and plugins")
struct AuthenticityTests {
    @Test("Any certificate of the chain may be the anchor", arguments: [0, 1, 2])
    func anchors(index: Int) throws {
        var leaf = CertificateRecipe.leaf()
        leaf.isAuthority = false
        let chain = try TestChain.make(leaf: leaf)
        guard index > 0 else {
            // A leaf that another issued cannot stand in a store; a self-signed one can.
            let lone = try TestChain.selfSigned()
            var scene = try Scene(chain: lone)
            scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [lone.leaf.der])]
            #expect(try scene.judge().verdict == .trusted)
            return
        }
        var scene = try Scene(chain: chain)
        scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [chain.certificates[index].der])]
        #expect(try scene.judge().verdict == .trusted)
    }

    @Test("A root with the same name and key but other bytes is no anchor")
    func byteEquality() throws {
        let scene = try Scene()
        var other = CertificateRecipe.authority("Example Root 0")
        other.serialNumber = 1
        var changed = scene
        changed.trust.trustStores = [
            TrustStore(kind: .ca, name: "acme", certificates: [try other.issue(scene.chain.root.key).der])
        ]
        let outcome = try changed.judge()
        #expect(outcome.verdict == .unknown)
        #expect(outcome.reason == .noTrustedSignature)
        #expect(
            outcome.message.hasSuffix(
                "is signed by CN=signer.example.com,O=Example,ST=WA,C=US, whose chain ends in no certificate of trust store ca:acme"
            )
        )
    }

    @Test("Each scheme has its own kind of store, and no other will do")
    func storeKinds() throws {
        var scene = try Scene()
        scene.trust.trustStores = [
            TrustStore(kind: .signingAuthority, name: "acme", certificates: [scene.chain.root.der])
        ]
        #expect(try scene.judge().reason == .noTrustedSignature)
        scene.useSigningAuthority(at: Scene.now)
        #expect(try scene.judge().verdict == .trusted)
        scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [scene.chain.root.der])]
        #expect(try scene.judge().reason == .noTrustedSignature)
    }

    @Test(
        "A certificate that says where to ask about revocation is never taken for good",
        arguments: [true, false],
        [0, 1, 2]
    )
    func revocation(isOCSP: Bool, index: Int) throws {
        func marked(_ recipe: CertificateRecipe, _ isIt: Bool) -> CertificateRecipe {
            var recipe = recipe
            if isIt, isOCSP { recipe.ocspURL = "http://ocsp.example.com" }
            if isIt, !isOCSP { recipe.revocationListURL = "http://crl.example.com/ca.crl" }
            return recipe
        }
        let root = try marked(.authority("Root"), index == 2).issue(.shared(.p256, 70))
        let authority = try marked(.authority("CA"), index == 1).issue(.shared(.p256, 71), by: root)
        let leaf = try marked(.leaf(), index == 0).issue(.shared(.p256), by: authority)
        var scene = try Scene(chain: TestChain([leaf, authority, root]))
        // The root answers for itself.
        #expect(try scene.judge().reason == (index == 2 ? .verified : .revocationUnavailable))
        scene.trust.overrides = [.revocation: .log]
        let logged = try scene.judge()
        #expect(logged.verdict == .trusted)
        #expect(logged.warnings.count == (index == 2 ? 0 : 1))
        scene.trust.overrides = [.revocation: .skip]
        let skipped = try scene.judge()
        #expect(skipped.verdict == .trusted)
        #expect(skipped.warnings.isEmpty)
    }

    @Test("A trusted signature names the certificate of the store that vouches for it, and no other outcome does")
    func anchor() throws {
        var scene = try Scene(chain: TestChain.make(intermediates: 2))
        #expect(try scene.judge().anchor == Digest.of(scene.chain.root.der).hex)
        let intermediate = scene.chain.certificates[1]
        scene.trust.trustStores.append(
            TrustStore(kind: .ca, name: "pinned", certificates: [intermediate.der, scene.chain.certificates[2].der])
        )
        #expect(try scene.judge().anchor == Digest.of(scene.chain.root.der).hex)
        scene.trust.trustStores.removeFirst()
        #expect(try scene.judge().anchor == Digest.of(intermediate.der).hex)
        scene.trust.trustStores = [
            TrustStore(kind: .ca, name: "other", certificates: [try TestChain.make(number: 7).root.der])
        ]
        #expect(try scene.judge().anchor == nil)
        scene.trust.level = .audit
        let logged = try scene.judge()
        #expect(logged.verdict == .trusted && logged.anchor == nil)
    }

    @Test(
        "A demanded plugin or an unknown critical attribute is never passed over",
        arguments: TestSignature.Format.allCases
    )
    func plugins(format: TestSignature.Format) throws {
        var scene = try Scene(level: .audit)
        scene.request.plugin = "acme"
        let outcome = try scene.judge(format: format)
        #expect(outcome.verdict == .unknown)
        #expect(outcome.reason == .pluginRequired)
        scene.request.plugin = nil
        var jws = JWSRecipe(scene.request, chain: scene.chain)
        jws.set("com.example.must", json: "1")
        #expect(try scene.judge(envelope: jws.envelope(), format: .jws).verdict == .trusted)
        jws.addCritical("com.example.must")
        #expect(try scene.judge(envelope: jws.envelope(), format: .jws).reason == .pluginRequired)
        var cose = COSERecipe(scene.request, chain: scene.chain)
        cose.set(.integer(-70_000), .integer(1))
        #expect(try scene.judge(envelope: cose.envelope(), format: .cose).verdict == .trusted)
        cose.addCritical(.integer(-70_000))
        #expect(try scene.judge(envelope: cose.envelope(), format: .cose).reason == .pluginRequired)
    }

    @Test(
        "An unknown media type is refused, and a format is never guessed",
        arguments: ["", "application/json", "application/JOSE+json"]
    )
    func mediaTypes(type: String) throws {
        let scene = try Scene()
        let outcome = try scene.judge(envelope: scene.envelope(.jws), mediaType: MediaType(type))
        #expect(outcome.verdict == .untrusted)
        #expect(outcome.reason == .evidenceMalformed)
        #expect(try scene.judge(envelope: scene.envelope(.jws), mediaType: .cose).reason == .evidenceMalformed)
        #expect(try scene.judge(envelope: scene.envelope(.cose), mediaType: .jose).reason == .evidenceMalformed)
    }

    @Test("Chains and keys that break a rule make a signature invalid")
    func chainRules() throws {
        var leaf = CertificateRecipe.leaf()
        leaf.extendedKeyUsages = ["2.5.29.37.0"]
        let outcome = try Scene(chain: TestChain.make(leaf: leaf)).judge()
        #expect(outcome.verdict == .untrusted)
        #expect(outcome.reason == .signatureInvalid)
        #expect(outcome.message.contains("anyExtendedKeyUsage"))
    }
}
