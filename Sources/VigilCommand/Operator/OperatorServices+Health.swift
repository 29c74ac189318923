import KubernetesRuntime
import OperatorEndpoints
import TrustControllers

extension OperatorServices {
    /// What must hold, or the process should be restarted.
    var liveness: [HealthCheck] { [leadership] }

    /// What must hold for the process to do its work.
    var readiness: [HealthCheck] { [informers, leadership] }

    private var informers: HealthCheck {
        let caches = view.caches
        return HealthCheck("informers") {
            let clauses = caches.compactMap(\.staleness).sorted()
            return clauses.isEmpty ? nil : clauses.joined(separator: "; ")
        }
    }

    private var leadership: HealthCheck {
        let elector = self.elector
        return HealthCheck("leader-election", detail: { elector?.standing ?? "no election" }) {
            elector?.isOverdue() == true ? "takes itself for the leader longer than its lease can have lasted" : nil
        }
    }
}
