import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import ServiceLifecycle
import TrustResources

extension TrustControllerSet {
    /// What keeps a report for every verification, and sees those that there are.
    ///
    /// On a server that has no reports it waits, however long, and nothing waits for it.
    static func policyReportController(_ dependencies: Dependencies, clock: any Clock<Duration>) -> [any Service] {
        let verifications = dependencies.view.verifications
        let reports = Informer<PolicyReport, Int>(
            client: dependencies.client,
            selection: PolicyReportReconciler.selection(namespace: verifications.selection.namespace),
            clock: clock,
            logger: dependencies.logger,
            metricsFactory: dependencies.metricsFactory,
            project: PolicyReportReconciler.mark
        )
        let queue = WorkQueue<ObjectKey>(
            name: "policyreport",
            clock: clock,
            metricsFactory: dependencies.metricsFactory
        )
        verifications.feed(queue)
        reports.feed(queue) { PolicyReport.verification(ofReport: $0.key).map { [$0] } ?? [] }
        let consistency = ConsistencyStore<ObjectKey>([reports], clock: clock)
        let reconciler = PolicyReportReconciler(
            client: dependencies.client,
            verifications: verifications,
            reports: reports,
            consistency: consistency,
            logger: dependencies.logger
        )
        let controller = Controller<ObjectKey>(
            queue: queue,
            settings: ControllerSettings(workers: 4),
            caches: [verifications, reports],
            consistency: consistency,
            clock: clock,
            logger: dependencies.logger,
            metricsFactory: dependencies.metricsFactory,
            reconcile: { try await reconciler.reconcile($0) }
        )
        return [reports, controller]
    }
}
