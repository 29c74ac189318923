@testable import OperatorEndpoints
@testable import VigilCommand

extension SimulatedOperator {
    /// What `/readyz` answers: `ok`, or a line for each check.
    var readyz: String { HealthReport(services.readiness).text(endpoint: "readyz", isVerbose: false) }
}
