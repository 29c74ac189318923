/// Something that must hold if Vigil works.
struct Expectation: Sendable {
    /// What Vigil says about an image.
    enum Outcome: Sendable, Hashable, CustomStringConvertible {
        /// The verdict and its reason.
        case verdict(String, String)
        /// There is an object but no verdict in it yet.
        case undecided
        /// There is no object.
        case absent

        var description: String {
            switch self {
            case .verdict(let verdict, let reason): "\(verdict) (\(reason))"
            case .undecided: "no verdict yet"
            case .absent: "no object"
            }
        }
    }

    /// What it is about, in the words of the summary.
    let subject: String
    let namespace: String
    let digest: String
    let expected: Outcome

    /// Compares it with what the cluster says.
    func check(against seen: VerificationTable) -> Check {
        let outcome = seen.outcome(namespace: namespace, digest: digest)
        return Check(
            subject: subject,
            expected: expected.description,
            seen: outcome.description,
            holds: outcome == expected
        )
    }
}

/// One line of the summary.
struct Check: Sendable, Hashable {
    let subject: String
    let expected: String
    let seen: String
    let holds: Bool
}
