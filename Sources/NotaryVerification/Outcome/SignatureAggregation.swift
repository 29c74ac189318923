import TrustModel

/// Several signatures of one image under one policy, judged together.
public enum SignatureAggregation {
    /// One good signature is enough (Notary signature workflow, "Verification"), and a bad one beside it takes nothing
    /// away: anybody who may push can attach rubbish.
    ///
    /// Without a good one, one that could not be judged because a service could not be asked speaks, since it may be
    /// the good one; after that the worst. The message counts the others.
    ///
    /// - Parameter outcomes: one outcome for each signature, in the order of the registry; empty when there is none.
    /// - Returns: the outcome that speaks for the image.
    public static func judge(_ outcomes: [SignatureOutcome]) -> SignatureOutcome {
        let good = outcomes.filter { $0.verdict == .trusted }
        // Among the good ones the one with the fewest reservations speaks; the first of them when equal.
        if let best = good.min(by: { $0.warnings.count < $1.warnings.count }) { return best }
        guard var worst = outcomes.first else {
            return SignatureOutcome(
                verdict: .unknown,
                reason: .noSignature,
                message: "the image has no Notary Project signature"
            )
        }
        for outcome in outcomes.dropFirst() where outcome.verdict > worst.verdict { worst = outcome }
        if let open = outcomes.first(where: \.reason.isOutage) { worst = open }
        if outcomes.count > 1 {
            worst.message = "none of \(outcomes.count) signatures is acceptable (\(counts(outcomes))); \(worst.message)"
        }
        return worst
    }

    private static func counts(_ outcomes: [SignatureOutcome]) -> String {
        let counts = outcomes.reduce(into: [:]) { $0[$1.reason.rawValue, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
