/// One thing that must be in order for the operator to count as alive, or as ready.
public struct HealthCheck: Sendable {
    /// The check's name, as it stands in the path `/readyz/<name>` and in the verbose report.
    public let name: String
    /// Says what is not in order; `nil` when everything is.
    public let problem: @Sendable () -> String?

    /// What the verbose report says besides that everything is in order; `nil` for nothing.
    public let detail: @Sendable () -> String?

    /// Creates a check.
    ///
    /// - Parameters:
    ///   - name: the check's name, a path segment.
    ///   - detail: what the verbose report adds when everything is in order.
    ///   - problem: called for each request, on any thread; must be quick, as `detail` must.
    public init(
        _ name: String,
        detail: @escaping @Sendable () -> String? = { nil },
        problem: @escaping @Sendable () -> String?
    ) {
        self.name = name
        self.detail = detail
        self.problem = problem
    }
}

/// The outcome of several checks in the form of kube-apiserver's health endpoints.
struct HealthReport: Sendable {
    let problems: [(name: String, problem: String?, detail: String?)]

    /// Runs `checks` but those named in `excluded`.
    init(_ checks: [HealthCheck], excluding excluded: Set<String> = []) {
        problems = checks.filter { !excluded.contains($0.name) }.map { ($0.name, $0.problem(), $0.detail()) }
    }

    var isHealthy: Bool { problems.allSatisfy { $0.problem == nil } }

    /// `ok`, or a line for each check: all of them if asked for or if one fails.
    func text(endpoint: String, isVerbose: Bool) -> String {
        if isHealthy, !isVerbose { return "ok" }
        var lines = problems.map { check in
            check.problem.map { "[-]\(check.name) failed: \($0)" }
                ?? "[+]\(check.name) ok\(check.detail.map { ": \($0)" } ?? "")"
        }
        lines.append("\(endpoint) check \(isHealthy ? "passed" : "failed")")
        return lines.joined(separator: "\n") + "\n"
    }
}
