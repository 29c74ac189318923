import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Signatures of every algorithm in both envelopes")
struct AlgorithmTests {
    @Test("A proper signature is trusted", arguments: TestKey.Kind.signing, TestSignature.Format.allCases)
    func proper(kind: TestKey.Kind, format: TestSignature.Format) throws {
        let chain = try TestChain.make(kind)
        let outcome = try Scene(chain: chain).judge(format: format)
        #expect(outcome.verdict == .trusted, "\(outcome.message)")
        #expect(outcome.reason == .verified)
        #expect(outcome.algorithm == kind.joseAlgorithm)
        #expect(outcome.signer == "CN=signer.example.com,O=Example,ST=WA,C=US")
        #expect(outcome.checks.filter { !$0.passed }.isEmpty)
        #expect(outcome.warnings.isEmpty)
    }
}
