import OCIModel
import Testing
import TrustModel

@testable import TrustResources

struct ImageVerificationNameTests {
    @Test("names depend on the digest alone and are DNS labels", arguments: Digest.Algorithm.allCases)
    func digests(_ algorithm: Digest.Algorithm) {
        let digest = Digest.of([1, 2, 3], algorithm: algorithm)
        let name = ImageVerification.name(for: digest)
        #expect(name == "\(algorithm.rawValue)-\(digest.hex.prefix(32))")
        #expect(name.count == 39)
        #expect(AnchoredPattern.matches(NamePattern.label, name))
        #expect(name != ImageVerification.name(for: Digest.of([1, 2, 4], algorithm: algorithm)))
    }

    @Test(
        "images without a digest are named by their reference, whatever it holds",
        arguments: ["", "local/app:dev", "\u{0}😀", String(repeating: "x", count: 10_000)]
    )
    func references(_ reference: String) {
        let name = ImageVerification.name(forReference: reference)
        #expect(name.hasPrefix("ref-"))
        #expect(AnchoredPattern.matches(NamePattern.label, name))
        #expect(name != ImageVerification.name(forReference: reference + "y"))
    }

    @Test("policy references mean policies of the namespace unless they say otherwise")
    func policyReferences() {
        #expect(
            ImageVerificationSpec.PolicyReference(name: "a").policyName(in: "shop")?.description == "TrustPolicy/shop/a"
        )
        #expect(
            ImageVerificationSpec.PolicyReference(kind: "ClusterTrustPolicy", name: "a").policyName(in: "shop")?
                .description == "ClusterTrustPolicy/a"
        )
        #expect(ImageVerificationSpec.PolicyReference(kind: "Pod", name: "a").policyName(in: "shop") == nil)
    }
}
