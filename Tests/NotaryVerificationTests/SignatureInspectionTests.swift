import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing

@Suite("Looking at signatures without judging them")
struct SignatureInspectionTests {
    private func inspection(_ envelope: [UInt8], _ subject: Descriptor, _ type: MediaType = .jose)
        -> SignatureInspection
    {
        SignatureInspection(
            SignatureEvidence(manifestDigest: Digest.of(envelope), mediaType: type, envelope: envelope),
            subject: subject
        )
    }

    @Test("A timestamp is shown with its time and its authority's certificates, whoever that is")
    func timestamp() throws {
        let scene = try TimestampScene()
        let stamped = try StampedSignature(scene.scene.request, chain: scene.scene.chain, format: .jws)
        let token = try TimestampRecipe(
            TimestampInfoRecipe(of: stamped.value, at: TimestampScene.stamped),
            by: scene.authority
        ).token()
        let seen = inspection(try stamped.envelope(token: token), scene.scene.subject)
        #expect(seen.problem == nil && seen.timestamp?.problem == nil)
        #expect(seen.timestamp?.time == TimestampScene.stamped)
        #expect(seen.timestamp?.certificates.count == 3)
        let other = try TimestampRecipe(
            TimestampInfoRecipe(of: [1, 2, 3], at: TimestampScene.stamped),
            by: scene.authority
        ).token()
        let strange = inspection(try stamped.envelope(token: other), scene.scene.subject)
        #expect(strange.timestamp?.problem == "it is about something else than this signature")
        let rubbish = inspection(try stamped.envelope(token: [1, 2, 3]), scene.scene.subject)
        #expect(rubbish.timestamp?.time == nil && rubbish.timestamp?.problem != nil)
        #expect(rubbish.problem == nil && rubbish.algorithm == "ES256")
        let none = inspection(try stamped.envelope(token: nil), scene.scene.subject)
        #expect(none.timestamp == nil)
    }

    @Test(
        "What an altered envelope claims is shown beside the problem, its content is not",
        arguments: TestSignature.Format.allCases
    )
    func altered(format: TestSignature.Format) throws {
        let scene = try Scene()
        var envelope = try scene.envelope(format)
        // Inside the payload: far from the headers and the certificates.
        let place = try #require(
            envelope.firstRange(of: Array((format == .jws ? "\"payload\":\"" : "targetArtifact").utf8))
        )
        envelope[place.upperBound + 6] ^= 1
        let seen = inspection(envelope, scene.subject, MediaType(format.mediaType))
        #expect(seen.problem != nil && seen.target == nil && seen.userMetadata.isEmpty)
        #expect(seen.certificates.count == 3 && seen.scheme == "notary.x509")
    }

    @Test("Demands for plugins and unknown attributes are shown")
    func attributes() throws {
        var scene = try Scene()
        scene.request.plugin = "acme"
        var recipe = JWSRecipe(scene.request, chain: scene.chain)
        recipe.set("com.example.must", json: "1")
        recipe.addCritical("com.example.must")
        recipe.set("com.example.may", json: "2")
        let seen = inspection(try recipe.envelope(), scene.subject)
        #expect(seen.plugin == "acme" && seen.problem == nil)
        let attributes = Dictionary(uniqueKeysWithValues: seen.extendedAttributes.map { ($0.name, $0.isCritical) })
        #expect(attributes == ["com.example.must": true, "com.example.may": false])
    }

    @Test("An unknown kind of envelope is a problem")
    func unknownType() throws {
        let scene = try Scene()
        #expect(inspection(try scene.envelope(.jws), scene.subject, MediaType("text/plain")).problem != nil)
    }
}
