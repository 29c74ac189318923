import FoundationEssentials
import KubernetesAPI
import OCIModel
import TrustModel

/// One reading of one policy, with what was found wrong so far.
struct PolicyCompilation {
    /// The policy's namespace; `nil` for a cluster policy.
    let namespace: String?
    let now: Date
    let lookup: PolicyCompiler.CertificateSourceLookup
    var problems: [PolicyProblem]
    var warnings: [String] = []
    var outages: [String] = []
    var trustStores: [TrustPolicyStatus.TrustStoreStatus] = []
    var anchors: [TrustPolicyStatus.AnchorStatus] = []

    init(
        namespace: String?,
        now: Date,
        lookup: @escaping PolicyCompiler.CertificateSourceLookup,
        problems: [PolicyProblem]
    ) {
        self.namespace = namespace
        self.now = now
        self.lookup = lookup
        self.problems = problems
    }

    mutating func invalid(_ field: String, _ message: String) {
        problems.append(PolicyProblem(.invalid, field: field, message: message))
    }

    /// Reads `spec`.
    ///
    /// The result counts only if ``problems`` stayed empty.
    mutating func compile(_ spec: TrustPolicySpec, name: PolicyName) -> CompiledPolicy {
        let interval = duration(
            spec.interval,
            "spec.interval",
            in: PolicyCompiler.intervalBounds,
            otherwise: PolicyCompiler.defaultInterval
        )
        let maxStaleness = duration(
            spec.maxStaleness,
            "spec.maxStaleness",
            in: PolicyCompiler.stalenessBounds,
            otherwise: max(PolicyCompiler.defaultMaxStaleness, interval)
        )
        if maxStaleness < interval {
            let shortest = DurationText.format(interval)
            invalid(
                "spec.maxStaleness",
                "is shorter than interval: every verdict would be stale; write at least \(shortest)"
            )
        }
        if let selector = spec.podSelector {
            problems += SelectorRules.problems(in: selector, field: "spec.podSelector")
        }
        let policy = Policy(
            name: name,
            scope: scope(spec.images),
            authorities: authorities(spec.authorities),
            require: requirement(spec.require, authorities: spec.authorities.count),
            decisions: decisions(spec.decisions ?? [])
        )
        return CompiledPolicy(
            policy: policy,
            interval: interval,
            maxStaleness: maxStaleness,
            podSelector: spec.podSelector ?? LabelSelector(),
            namespaceSelector: LabelSelector(),
            namespaces: ClusterTrustPolicySpec.NamespaceSelection(),
            trustStores: trustStores.sorted { ($0.notAfter, $0.name) < ($1.notAfter, $1.name) },
            anchors: anchors.sorted { ($0.notAfter, $0.sha256) < ($1.notAfter, $1.sha256) },
            warnings: warnings,
            outages: outages
        )
    }

    private mutating func duration(
        _ text: String?,
        _ field: String,
        in bounds: ClosedRange<Duration>,
        otherwise: Duration
    ) -> Duration {
        guard let text else { return otherwise }
        do throws(DurationText.Defect) {
            return try DurationText.parse(text, in: bounds)
        } catch {
            invalid(field, error.message)
            return otherwise
        }
    }

    private mutating func scope(_ images: TrustPolicySpec.ImageSelection?) -> ImageScope {
        let include = images?.include ?? []
        let exclude = images?.exclude ?? []
        for (name, patterns) in [("include", include), ("exclude", exclude)] {
            for (index, pattern) in patterns.enumerated() {
                if let defect = ImageScope.defect(inPattern: pattern) {
                    invalid("spec.images.\(name)[\(index)]", "\"\(pattern.cut(to: 80))\" \(defect)")
                }
            }
        }
        if exclude.contains("*") {
            invalid(
                "spec.images.exclude",
                "* takes every image out: the policy would speak for nothing; remove it or the policy"
            )
        }
        return ImageScope(include: include, exclude: exclude)
    }

    private mutating func requirement(_ text: String?, authorities count: Int) -> Requirement {
        guard let requirement = RequirementText.parse(text ?? "Any") else {
            invalid(
                "spec.require",
                "is \"\((text ?? "").cut(to: 40))\", expected Any, All, or AtLeast:n such as AtLeast:2"
            )
            return .any
        }
        if requirement.threshold(of: count) > count, count > 0 {
            let named = count == 1 ? "one authority" : "\(count) authorities"
            invalid("spec.require", "can never be met: the policy names \(named); add some or require fewer")
        }
        return requirement
    }

    private mutating func decisions(_ entries: [DecisionEntry]) -> [Decision] {
        var seen: [Digest: Int] = [:]
        return entries.enumerated().compactMap { index, entry in
            let field = "spec.decisions[\(index)]"
            let verdict = Verdict(rawValue: entry.verdict)
            if verdict != .untrusted, verdict != .unsupported {
                invalid(
                    "\(field).verdict",
                    """
                    is "\(entry.verdict.cut(to: 40))", expected Untrusted or Unsupported; \
                    trust comes from authorities alone
                    """
                )
            }
            if entry.reason.isEmpty { invalid("\(field).reason", "is empty: say why, such as CVE-2026-1234") }
            let expires = entry.expires.flatMap(KubernetesTime.init)
            if let text = entry.expires, expires == nil {
                invalid("\(field).expires", "is \"\(text.cut(to: 40))\", expected a time such as 2027-01-01T00:00:00Z")
            }
            do throws(OCIError) {
                let digest = try Digest(entry.digest)
                if let first = seen.updateValue(index, forKey: digest) {
                    invalid("\(field).digest", "repeats spec.decisions[\(first)]; one entry settles a digest")
                }
                if let expires, expires.date <= now {
                    warnings.append(
                        """
                        \(field) for \(digest.short) ended at \(expires) and has no effect; remove it or set a later \
                        time
                        """
                    )
                }
                return Decision(
                    digest: digest,
                    verdict: verdict ?? .untrusted,
                    reason: entry.reason,
                    expires: expires?.date
                )
            } catch {
                invalid("\(field).digest", error.message)
                return nil
            }
        }
    }
}
