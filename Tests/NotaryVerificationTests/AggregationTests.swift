import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Several signatures of one image")
struct AggregationTests {
    private func outcome(_ verdict: Verdict, _ reason: Reason, warnings: [String] = [], _ message: String = "m")
        -> SignatureOutcome
    {
        var outcome = SignatureOutcome(verdict: verdict, reason: reason, message: message)
        outcome.warnings = warnings
        return outcome
    }

    @Test("No signature is no signature")
    func none() {
        let judged = SignatureAggregation.judge([])
        #expect(judged.verdict == .unknown)
        #expect(judged.reason == .noSignature)
    }

    @Test("One good one suffices, wherever it stands among bad ones", arguments: 0..<4)
    func oneGood(position: Int) {
        var outcomes = [
            outcome(.untrusted, .evidenceMalformed), outcome(.unknown, .noTrustedSignature),
            outcome(.untrusted, .signatureInvalid),
        ]
        outcomes.insert(outcome(.trusted, .verified, "good"), at: position)
        #expect(SignatureAggregation.judge(outcomes).verdict == .trusted)
        #expect(SignatureAggregation.judge(outcomes).message == "good")
    }

    @Test("Of several good ones the one with the fewest warnings speaks, then the first")
    func best() {
        let outcomes = [
            outcome(.trusted, .verified, warnings: ["w"], "a"), outcome(.trusted, .verified, "b"),
            outcome(.trusted, .verified, "c"),
        ]
        #expect(SignatureAggregation.judge(outcomes).message == "b")
    }

    @Test("Otherwise the worst speaks, and the message counts all")
    func worst() {
        let outcomes = [
            outcome(.unknown, .noTrustedSignature, "a"), outcome(.untrusted, .signatureInvalid, "b"),
            outcome(.unknown, .noTrustedSignature, "c"),
        ]
        let judged = SignatureAggregation.judge(outcomes)
        #expect(judged.verdict == .untrusted)
        #expect(judged.reason == .signatureInvalid)
        #expect(judged.message == "none of 3 signatures is acceptable (2 NoTrustedSignature, 1 SignatureInvalid); b")
        #expect(SignatureAggregation.judge([outcomes[0]]).message == "a")
    }

    @Test("One that could not be judged may be the good one: it speaks before a bad one")
    func outage() {
        let outcomes = [
            outcome(.untrusted, .certificateRevoked, "a"), outcome(.unknown, .revocationUnavailable, "b"),
            outcome(.unknown, .noTrustedSignature, "c"),
        ]
        #expect(SignatureAggregation.judge(outcomes).reason == .revocationUnavailable)
        #expect(SignatureAggregation.judge(outcomes + [outcome(.trusted, .verified, "d")]).message == "d")
    }
}
