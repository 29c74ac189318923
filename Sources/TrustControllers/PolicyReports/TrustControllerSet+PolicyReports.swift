import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import Metrics
import ServiceLifecycle
import TrustResources

extension TrustControllerSet {
    /// What keeps a report for every verification, and sees those that there are.
    ///
    /// On a server that has no reports it waits, however long, and nothing waits for it. Where they come and go, all of them
    /// are looked at when they have come.
    ///
    /// - Parameters:
    ///   - client: the way to the server.
    ///   - verifications: what there are reports of.
    ///   - clock: measures delays.
    ///   - seed: decides what is left to chance.
    ///   - logger: where failures are logged.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    /// - Returns: what is to be run beside the verifications.
    static func policyReportController(
        _ client: APIClient,
        _ verifications: Informer<ImageVerification, ImageVerification>,
        clock: any Clock<Duration>,
        seed: UInt64,
        logger: Logger,
        metricsFactory: (any MetricsFactory)?
    ) -> [any Service] {
        let reports = Informer<PolicyReport, Int>(
            client: client,
            selection: PolicyReportReconciler.selection(namespace: verifications.selection.namespace),
            clock: clock,
            seed: seed,
            logger: logger,
            metricsFactory: metricsFactory,
            project: PolicyReportReconciler.mark
        )
        let queue = WorkQueue<ObjectKey>(name: "policyreport", clock: clock, metricsFactory: metricsFactory)
        verifications.feed(queue)
        reports.feed(queue, synchronised: { verifications.objects.map(\.key) }) { change in
            PolicyReport.verification(ofReport: change.key).map { [$0] } ?? []
        }
        let consistency = ConsistencyStore<ObjectKey>([reports], clock: clock)
        let reconciler = PolicyReportReconciler(
            client: client,
            verifications: verifications,
            reports: reports,
            consistency: consistency,
            logger: logger
        )
        let controller = Controller<ObjectKey>(
            queue: queue,
            settings: ControllerSettings(workers: 4),
            caches: [verifications, reports],
            consistency: consistency,
            clock: clock,
            seed: seed &+ 1,
            logger: logger,
            metricsFactory: metricsFactory,
            reconcile: { try await reconciler.reconcile($0) }
        )
        return [reports, controller]
    }
}
