import TrustModel

/// Which findings stay when not all can.
enum FindingSelection {
    /// At most `count` of `findings` in their order: the worst verdicts first, of equal ones those that come first.
    static func select<Finding>(_ count: Int, of findings: [Finding], verdict: (Finding) -> Verdict) -> [Finding] {
        guard findings.count > count else { return findings }
        let ranked = findings.indices.sorted { left, right in
            let (first, second) = (verdict(findings[left]), verdict(findings[right]))
            return first == second ? left < right : first > second
        }
        return ranked.prefix(max(0, count)).sorted().map { findings[$0] }
    }
}
