import FoundationEssentials
import KubernetesAPI

extension ImageVerification {
    /// A status for this object, shortened until the whole fits ``StatusLimits/objectBytes`` of JSON.
    ///
    /// Texts of findings go first, then findings themselves, the worst ones last; verdict, reason and conditions always
    /// stay.
    ///
    /// What a person wrote into metadata and specification is never touched: should that alone fill the object, the
    /// status is as short as it can be.
    ///
    /// - Parameter status: what takes the place of the object's own.
    /// - Returns: the status as it fits, and its JSON.
    /// - Throws: `EncodingError`.
    public func bounded(_ status: ImageVerificationStatus) throws -> EncodedStatus {
        var bare = self
        bare.status = nil
        let rest = try JSONEncoder.compact.encode(bare).count + #","status":"#.utf8.count
        var encoded = try EncodedStatus(status)
        for step in StatusReduction.steps where rest + encoded.json.count > StatusLimits.objectBytes {
            encoded = try EncodedStatus(step.applied(to: status))
        }
        return encoded
    }
}

/// How much of a status is left at one step of shortening.
struct StatusReduction {
    /// Characters of each message of findings and warnings.
    let findingCharacters: Int
    /// Findings.
    let findings: Int
    /// Warnings of each finding.
    let warnings: Int
    /// Entries of history, names of pods and tags, each.
    let entries: Int
    /// Characters of every other text.
    let characters: Int

    /// From gentle to harsh.
    ///
    /// The last leaves about 2 KiB.
    static let steps = [
        StatusReduction(findingCharacters: 256, findings: 32, warnings: 4, entries: 10, characters: 512),
        StatusReduction(findingCharacters: 128, findings: 24, warnings: 2, entries: 10, characters: 384),
        StatusReduction(findingCharacters: 96, findings: 16, warnings: 1, entries: 10, characters: 256),
        StatusReduction(findingCharacters: 96, findings: 12, warnings: 0, entries: 8, characters: 256),
        StatusReduction(findingCharacters: 64, findings: 8, warnings: 0, entries: 5, characters: 160),
        StatusReduction(findingCharacters: 64, findings: 4, warnings: 0, entries: 3, characters: 96),
        StatusReduction(findingCharacters: 32, findings: 2, warnings: 0, entries: 2, characters: 64),
        StatusReduction(findingCharacters: 0, findings: 0, warnings: 0, entries: 0, characters: 48),
    ]

    func applied(to status: ImageVerificationStatus) -> ImageVerificationStatus {
        var status = status
        status.message = status.message?.cut(to: characters)
        status.repository = status.repository?.cut(to: characters)
        status.signer = status.signer?.cut(to: characters)
        if var conditions = status.conditions {
            for index in conditions.indices {
                conditions[index].message = conditions[index].message.cut(to: characters)
            }
            status.conditions = conditions
        }
        if let all = status.findings {
            let some = FindingSelection.select(findings, of: all) { $0.verdict }.map(shortened)
            status.findings = some.isEmpty ? nil : some
        }
        status.history = shortened(status.history)
        if var workloads = status.workloads {
            workloads.sample = shortened(workloads.sample)
            workloads.tags = shortened(workloads.tags)
            status.workloads = workloads
        }
        return status
    }

    private func shortened(_ finding: FindingStatus) -> FindingStatus {
        var finding = finding
        finding.message = findingCharacters > 0 ? finding.message?.cut(to: findingCharacters) : nil
        finding.signer = finding.signer?.cut(to: max(findingCharacters, 32))
        finding.algorithm = finding.algorithm?.cut(to: 32)
        let some = (finding.warnings ?? []).prefix(warnings).map { $0.cut(to: findingCharacters) }
        finding.warnings = some.isEmpty ? nil : some
        return finding
    }

    private func shortened<Entry>(_ list: [Entry]?) -> [Entry]? {
        guard let list, entries > 0 else { return nil }
        return Array(list.prefix(entries))
    }
}
