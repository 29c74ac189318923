import TrustModel

extension SignatureOutcome {
    /// What became of one step, for people who ask why.
    public struct StepAccount: Sendable, Hashable {
        /// How a step ended.
        public enum State: String, Sendable, Hashable {
            case passed
            /// It failed, and with it the signature.
            case failed
            /// It failed, and the policy only logs that.
            case logged
            /// The policy says to skip it.
            case skipped
            /// An earlier step ended the verification, or left nothing to look at.
            case notReached
        }

        /// The step.
        public let step: VerificationStep
        /// How it ended.
        public let state: State
        /// What was found, or why it was not reached, as a clause for people.
        public let message: String
    }

    /// Every step: those that were taken, in the order in which they were, and after them those that were not reached.
    ///
    /// Only a signature with a timestamp that was verified has the step ``VerificationStep/timestampRevocation``.
    public var account: [StepAccount] {
        let taken = checks.map { StepAccount(step: $0.step, state: $0.state, message: $0.message) }
        let known = Set(taken.map(\.step))
        let missing = VerificationStep.allCases.filter { !known.contains($0) && $0 != .timestampRevocation }
        return taken + missing.map { StepAccount(step: $0, state: .notReached, message: cause(ofMissing: $0)) }
    }

    private func cause(ofMissing step: VerificationStep) -> String {
        guard let last = checks.last else { return "nothing of the signature was verified" }
        if let stop = checks.last(where: { $0.state == .failed }) {
            return "the step \(stop.step.rawValue) failed, which the policy does not let pass"
        }
        if step == .identity { return "the chain leads to nobody whom the policy trusts" }
        return "the verification ended with the step \(last.step.rawValue)"
    }
}

extension SignatureOutcome.Check {
    fileprivate var state: SignatureOutcome.StepAccount.State {
        switch result {
        case .passed: .passed
        case .failed: action == .log ? .logged : .failed
        case .notRun: .skipped
        }
    }
}
