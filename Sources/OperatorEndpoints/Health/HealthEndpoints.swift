import HTTPTypes

extension Endpoint {
    /// What probes ask, in the form of kube-apiserver's health endpoints.
    ///
    /// 200 with `ok`, or 500 with the failed checks; `?verbose` lists all, `?exclude=name` leaves one out, and
    /// `/readyz/<name>` runs one alone.
    static func health(_ checks: [HealthCheck], at name: String) -> [Endpoint] {
        let all = Endpoint(path: "/\(name)", isOpen: true) { query in
            let report = HealthReport(checks, excluding: Set(query.values("exclude")))
            return answer(report, name, isVerbose: query.has("verbose"))
        }
        let single = checks.map { check in
            Endpoint(path: "/\(name)/\(check.name)", isOpen: true) { _ in
                answer(HealthReport([check]), name, isVerbose: false)
            }
        }
        return [all] + single
    }

    private static func answer(_ report: HealthReport, _ name: String, isVerbose: Bool) -> Answer {
        Answer(
            status: report.isHealthy ? .ok : .internalServerError,
            body: Array(report.text(endpoint: name, isVerbose: isVerbose).utf8)
        )
    }
}
