/// How the two programs' words about a case compare.
enum ComparisonResult: Sendable, Hashable {
    /// Both accept or both refuse, as expected.
    case agree
    /// Vigil refuses what notation accepts, by a rule of the list.
    case stricter(StricterRule)
    /// Anything else, in words.
    case different(String)

    /// Compares.
    ///
    /// - Parameters:
    ///   - expected: what the case says.
    ///   - notation: what notation said.
    ///   - vigil: what Vigil said.
    init(expected: Expected, notation: Judgement, vigil: Judgement) {
        if notation == .failed || vigil == .failed {
            self = .different("\(notation == .failed ? "notation" : "vigil") did not judge")
            return
        }
        if vigil.accepts, !notation.accepts {
            self = .different("vigil accepts what notation refuses")
            return
        }
        switch expected {
        case .accepted(let logged): self = Self.accepted(.accepted(logged: logged), notation, vigil)
        case .skipped: self = Self.accepted(.skipped, notation, vigil)
        case .refused(let reason, let other): self = Self.refused(reason, other ?? reason, notation, vigil)
        case .stricter(let rule, let reason): self = Self.stricter(rule, reason, notation, vigil)
        }
    }

    private static func accepted(
        _ expected: Judgement,
        _ notation: Judgement,
        _ vigil: Judgement
    ) -> ComparisonResult {
        switch (notation == expected, vigil == expected) {
        case (true, true): .agree
        case (true, false) where !vigil.accepts: .different("vigil refuses what notation accepts")
        case (false, _) where !notation.accepts: .different("both refuse what should be accepted")
        default: .different("both accept, but not alike")
        }
    }

    private static func refused(
        _ reason: ReasonClass,
        _ other: ReasonClass,
        _ notation: Judgement,
        _ vigil: Judgement
    ) -> ComparisonResult {
        guard case .refused(let theirs) = notation else {
            return .different(
                vigil.accepts ? "both accept what should be refused" : "vigil refuses what notation accepts"
            )
        }
        guard vigil == .refused(reason) else { return .different("vigil's reason is not \(reason)") }
        guard theirs == nil || theirs == other else { return .different("notation's reason is not \(other)") }
        return .agree
    }

    private static func stricter(
        _ rule: StricterRule,
        _ reason: ReasonClass,
        _ notation: Judgement,
        _ vigil: Judgement
    ) -> ComparisonResult {
        guard notation.accepts else { return .different("notation refuses too: \(rule.rawValue) is stricter no more") }
        guard !vigil.accepts else { return .different("vigil accepts against its rule \(rule.rawValue)") }
        guard vigil == .refused(reason) else { return .different("vigil's reason is not \(reason)") }
        return .stricter(rule)
    }
}

/// A case with what both programs said.
struct ComparedCase: Sendable {
    let name: String
    let expected: Expected
    let notation: Judgement
    let vigil: Judgement
    /// What the programs wrote, cut to what a person reads.
    let notationMessage: String
    let vigilMessage: String
    /// How to run both again.
    let commandLines: [String]
    let result: ComparisonResult
}
