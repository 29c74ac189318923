import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("What became of every step")
struct StepAccountTests {
    private typealias State = SignatureOutcome.StepAccount.State

    private func states(_ outcome: SignatureOutcome) -> [VerificationStep: State] {
        Dictionary(outcome.account.map { ($0.step, $0.state) }) { $1 }
    }

    @Test("A good signature passes every step, each told once")
    func good() throws {
        let outcome = try Scene().judge()
        #expect(outcome.account.allSatisfy { $0.state == .passed && !$0.message.isEmpty }, "\(outcome.account)")
        #expect(
            outcome.account.map(\.step)
                == [.signature, .plugins, .chain, .identity, .expiry, .timestamp, .payload, .revocation]
        )
    }

    @Test(
        "A stranger fails at the chain, another name at the identity; what comes after is not reached, and it is said why"
    )
    func authenticity() throws {
        var scene = try Scene()
        scene.trust.trustedIdentities = ["x509.subject: C=US, ST=WA, O=Somebody"]
        let wrongName = try scene.judge()
        #expect(states(wrongName)[.chain] == .passed && states(wrongName)[.identity] == .failed)
        #expect(states(wrongName)[.expiry] == .notReached && states(wrongName)[.revocation] == .notReached)
        #expect(wrongName.account.last?.message.contains("the step identity failed") == true)
        let stranger = try TestChain.make(number: 1).root.der
        scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [stranger])]
        let outcome = try scene.judge()
        #expect(states(outcome)[.chain] == .failed && states(outcome)[.identity] == .notReached)
        #expect(Set(outcome.account.map(\.step)).count == outcome.account.count)
    }

    @Test(
        "Where failures are only logged, later steps are taken; nobody's name is looked at when nobody vouches for it"
    )
    func logged() throws {
        var scene = try Scene(level: .audit)
        scene.trust.trustStores = [
            TrustStore(kind: .ca, name: "acme", certificates: [try TestChain.make(number: 1).root.der])
        ]
        let outcome = try scene.judge()
        #expect(states(outcome)[.chain] == .logged && states(outcome)[.identity] == .notReached)
        #expect(states(outcome)[.expiry] == .passed && states(outcome)[.payload] == .passed)
        #expect(outcome.account.last?.message == "the chain leads to nobody whom the policy trusts")
    }

    @Test("An expired signature, one about another image and a skipped check are told as such")
    func others() throws {
        var scene = try Scene()
        scene.request.expiry = Scene.now
        #expect(try states(scene.judge())[.expiry] == .failed)
        scene = try Scene()
        let envelope = try scene.envelope(.jws)
        scene.subject.size += 1
        let other = try scene.judge(envelope: envelope, format: .jws)
        #expect(states(other)[.payload] == .failed && states(other)[.timestamp] == .passed)
        scene = try Scene()
        scene.trust.overrides = [.revocation: .skip]
        #expect(try states(scene.judge())[.revocation] == .skipped)
    }

    @Test("Of bytes that are no signature nothing but that is known; at level skip nothing is reached")
    func nothing() throws {
        let rubbish = try Scene().judge(envelope: [0x7B], format: .jws)
        #expect(states(rubbish)[.signature] == .failed)
        #expect(rubbish.account.dropFirst().allSatisfy { $0.state == .notReached })
        var scene = try Scene()
        scene.trust = NotaryTrust(level: .skip)
        let skipped = try scene.judge()
        #expect(skipped.account.allSatisfy { $0.state == .notReached && $0.message.hasPrefix("nothing") })
    }
}
