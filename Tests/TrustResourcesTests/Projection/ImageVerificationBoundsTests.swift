import Foundation
import KubernetesAPI
import Testing
import TrustModel

@testable import TrustResources

struct ImageVerificationBoundsTests {
    private func crowded(_ letter: Character = "x", metadata: ObjectMeta? = nil) -> ImageVerification {
        let text = String(repeating: letter, count: 5000)
        var findings = (0..<100).map { index in
            var finding = Samples.finding(.unknown, .noTrustedSignature, message: text)
            finding.authority = "authority-\(index)" + text
            finding.signer = text
            finding.warnings = Array(repeating: text, count: 50)
            return finding
        }
        findings[57].verdict = .untrusted
        findings[57].reason = .signatureInvalid
        let judgement = Samples.judgement(.untrusted, .signatureInvalid, message: text, findings: findings)
        var observation = Samples.observation(judgement)
        observation.repository = text
        observation.workloads = .init(
            pods: 500,
            names: (0..<500).map { "\($0)" + String(repeating: "p", count: 250) },
            tags: (0..<50).map { "\($0)" + String(repeating: "t", count: 120) }
        )
        return ImageVerification(
            metadata: metadata ?? ObjectMeta(name: "sha256-00000000000000000000000000000000", namespace: "shop"),
            spec: ImageVerificationSpec(image: String(text.prefix(1024))),
            status: ImageVerificationStatus(projecting: observation, previous: nil)
        )
    }

    @Test(
        "the worst object fits, says what matters, and passes its schema",
        arguments: ["x", "\u{1F600}", "\"", "\u{1}"] as [Character]
    )
    func worst(_ letter: Character) throws {
        var object = crowded(letter)
        object.spec.image = "registry.example.com/shop/web"
        #expect(try object.size > 100_000)
        let bounded = try object.bounded()
        #expect(try bounded.size <= StatusLimits.objectBytes)
        let status = try #require(bounded.status)
        #expect(status.verdict == .untrusted)
        #expect(status.reason == .signatureInvalid)
        #expect(status.conditions?.count == 4)
        #expect(status.workloads?.pods == 500)
        let schema = CustomResourceDefinitions.imageVerification.schema
        #expect(schema.validate(try Coding.json(object)).map(\.description) == [])
        #expect(schema.validate(try Coding.json(bounded)).map(\.description) == [])
        #expect(try bounded.bounded() == bounded)
    }

    @Test("the worst finding is the last to go")
    func worstFinding() throws {
        let findings = try #require(crowded().status?.findings)
        #expect(findings.count == 32)
        #expect(findings.contains { $0.verdict == .untrusted })
        let two = FindingSelection.select(2, of: findings) { $0.verdict }
        #expect(two.map(\.verdict).contains(.untrusted))
        #expect(FindingSelection.select(0, of: findings) { $0.verdict }.isEmpty)
    }

    @Test("its JSON is that of the status", arguments: ["x", "\""] as [Character])
    func json(_ letter: Character) throws {
        for object in [crowded(letter), Samples.imageVerification()] {
            let encoded = try object.bounded(try #require(object.status))
            #expect(try JSONDecoder().decode(ImageVerificationStatus.self, from: Data(encoded.json)) == encoded.status)
        }
    }

    @Test("an object that fits is left as it is")
    func small() throws {
        let object = Samples.imageVerification()
        #expect(try object.bounded() == object)
        #expect(try object.size < 4096)
    }

    @Test("what a person wrote is never touched, even when it alone is too large")
    func foreign() throws {
        let metadata = ObjectMeta(name: "gate", annotations: ["note": String(repeating: "n", count: 20_000)])
        let bounded = try crowded(metadata: metadata).bounded()
        #expect(bounded.metadata == metadata)
        #expect(bounded.status?.verdict == .untrusted)
        #expect(bounded.status?.findings == nil)
    }
}

extension ImageVerification {
    /// The object as it is written.
    fileprivate func bounded() throws -> ImageVerification {
        var object = self
        object.status = try status.map { try bounded($0).status }
        return object
    }

    /// The bytes of the object as compact JSON.
    fileprivate var size: Int {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            return try encoder.encode(self).count
        }
    }
}
