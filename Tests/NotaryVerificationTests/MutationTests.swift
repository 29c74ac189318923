import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningFormats
import SigningTestKit
import TestTiming
import Testing
import TrustModel

@Suite("Mutated evidence and policies")
struct MutationTests {
    private let verifier: NotaryVerifier
    private let subject: Descriptor

    init() throws {
        let store = TrustStore(
            kind: .ca,
            name: "wabbit",
            certificates: try TrustStoreCertificates.parse(RealToolTests.file("root.pem"))
        )
        verifier = try NotaryVerifier(
            trust: NotaryTrust(level: .strict, trustedIdentities: ["*"], trustStores: [store], requiredAnnotations: [:])
        )
        subject = Descriptor(of: try RealToolTests.file("subject.json"), mediaType: .ociManifest)
    }

    private func isTrusted(_ envelope: [UInt8], _ format: TestSignature.Format) -> Bool {
        let evidence = SignatureEvidence(
            manifestDigest: subject.digest,
            mediaType: MediaType(format.mediaType),
            envelope: envelope
        )
        return verifier.verify(evidence, subject: subject, now: Date(timeIntervalSince1970: 1_800_000_000)).verdict
            == .trusted
    }

    /// What is signed and proven; the unsigned agent and timestamp are left out.
    private func meaning(_ envelope: [UInt8], _ format: TestSignature.Format) throws -> [[UInt8]] {
        let claims =
            format == .jws
            ? try UnverifiedEnvelope(jws: envelope).claims : try UnverifiedEnvelope(cose: envelope).claims
        return [claims.signingInput, claims.signature] + claims.certificates
    }

    @Test(
        "A mutated signature of a real tool is never trusted, unless it means the very same",
        arguments: TestKey.Kind.signing,
        TestSignature.Format.allCases
    )
    func fixtures(kind: TestKey.Kind, format: TestSignature.Format) throws {
        let seed = testSeed("mutated evidence", variable: "VIGIL_TEST_SEED")
        var generator = SeededGenerator(seed: seed)
        let original = try RealToolTests.file("\(kind.rawValue).\(format.rawValue).sig")
        #expect(isTrusted(original, format))
        let meaning = try meaning(original, format)
        func check(_ mutated: [UInt8], _ what: String) throws {
            guard isTrusted(mutated, format) else { return }
            let isSame = try self.meaning(mutated, format) == meaning
            #expect(isSame, "seed \(seed): trusted after \(what)")
        }
        for _ in 0..<40 {
            let length = Int.random(in: 0..<original.count, using: &generator)
            #expect(
                !isTrusted(Array(original.prefix(length)), format),
                "seed \(seed): trusted at length \(length)"
            )
            let bit = Int.random(in: 0..<original.count * 8, using: &generator)
            var flipped = original
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            try check(flipped, "flipping bit \(bit)")
            let start = Int.random(in: 0..<original.count, using: &generator)
            let end = Int.random(in: start...original.count, using: &generator)
            try check(Array(original[..<start] + original[end...]), "removing \(start)..<\(end)")
            try check(Array(original[..<end] + original[start...]), "doubling \(start)..<\(end)")
        }
    }

    @Test("Mutated policies and names never crash, and a policy that is read is a valid one")
    func policies() throws {
        let seed = testSeed("mutated evidence", variable: "VIGIL_TEST_SEED")
        var generator = SeededGenerator(seed: seed)
        let text = PolicyCase.document(
            PolicyCase.statement(
                scopes: #""registryScopes":["localhost:5000/a","r.io/b/c-d__e.f"]"#,
                identities:
                    #""trustedIdentities":["x509.subject: C=US, ST=WA, O=a\\,b\\2C, CN=x","x509.subject:C=DE,S=BE,O=y"]"#
            )
        )
        let original = Array(text.utf8)
        _ = try NotationConfiguration(parsing: original)
        let interesting = Array("\",:;=#+\\*{}[]. ".utf8) + [0, 0x7F, 0x80, 0xC3, 0xFF]
        for _ in 0..<4000 {
            var mutated = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<mutated.count, using: &generator)
                let byte = interesting[Int.random(in: 0..<interesting.count, using: &generator)]
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: mutated[index] = byte
                case 1: mutated.insert(byte, at: index)
                default: mutated.remove(at: index)
                }
            }
            guard let configuration = try? NotationConfiguration(parsing: mutated) else { continue }
            for statement in configuration.statements {
                #expect(statement.level == .skip || !statement.trustStores.isEmpty, "seed \(seed)")
                #expect(statement.level == .skip || !statement.trustedIdentities.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test("Mutated files of certificates never crash, and what is read is in the file")
    func files() throws {
        let seed = testSeed("mutated evidence", variable: "VIGIL_TEST_SEED")
        var generator = SeededGenerator(seed: seed)
        let pem = try RealToolTests.file("root.pem") + RealToolTests.file("ca.pem")
        let der = try RealToolTests.file("root.der")
        let expected = Set(try TrustStoreCertificates.parse(pem))
        for round in 0..<1000 {
            var mutated = round % 2 == 0 ? pem : der
            let index = Int.random(in: 0..<mutated.count, using: &generator)
            switch round % 3 {
            case 0: mutated[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: mutated.removeLast(index)
            default: mutated.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            }
            guard let read = try? TrustStoreCertificates.parse(mutated) else { continue }
            // A change inside a certificate may leave a CA that differs; it must never leave one out unseen.
            #expect(read.count >= 1)
            if round % 3 == 1 { #expect(Set(read).isSubset(of: expected), "seed \(seed)") }
        }
    }
}
