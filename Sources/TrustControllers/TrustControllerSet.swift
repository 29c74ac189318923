public import FoundationEssentials
public import ImageTrust
import KubernetesAPI
public import KubernetesClient
public import KubernetesRuntime
public import Logging
public import Metrics
public import ServiceLifecycle
import TrustModel
import TrustResources

/// The controllers of the operator, wired to what they see and to each other through their queues.
///
/// Handlers fill the queues on every replica; the controllers themselves run only while the process leads.
public struct TrustControllerSet: Sendable {
    /// What the controllers need.
    public struct Dependencies: Sendable {
        /// The way to the server for writes; gated by leadership.
        public let client: APIClient
        /// What is seen of the cluster.
        public let view: ClusterView
        /// Where images are judged.
        public let judgements: SharedJudgements
        /// The registries as pods may read them; `nil` to read all images as the operator alone.
        public let registries: PrincipalRegistries?
        /// Where the copies of images are.
        public let mirrors: RegistryMirrors
        /// Where certificates in vaults are read; `nil` where they are not.
        public let vaults: (any CertificateVaults)?
        /// Where Events go.
        public let events: EventRecorder
        /// Whether a `PolicyReport` is kept for every verification.
        public let writesPolicyReports: Bool
        /// How long at most the registry's answer about a trusted image is believed, before it is asked again.
        ///
        /// Asked at each look, so that it may change.
        public let evidenceAge: @Sendable () -> Duration
        /// The present.
        public let now: @Sendable () -> Date
        /// A number in 0..<1 for each call.
        public let spread: @Sendable () -> Double
        /// Decides what else is left to chance.
        public let seed: UInt64
        /// Where transitions are logged.
        public let logger: Logger
        /// Where metrics go; `nil` takes the process's.
        public let metricsFactory: (any MetricsFactory)?

        /// Puts the parts together.
        public init(
            client: APIClient,
            view: ClusterView,
            judgements: SharedJudgements,
            registries: PrincipalRegistries? = nil,
            mirrors: RegistryMirrors = .none,
            vaults: (any CertificateVaults)? = nil,
            events: EventRecorder,
            writesPolicyReports: Bool = false,
            evidenceAge: @escaping @Sendable () -> Duration = { .seconds(300) },
            now: @escaping @Sendable () -> Date,
            spread: @escaping @Sendable () -> Double,
            seed: UInt64 = .random(in: .min ... .max),
            logger: Logger,
            metricsFactory: (any MetricsFactory)? = nil
        ) {
            self.client = client
            self.view = view
            self.judgements = judgements
            self.registries = registries
            self.mirrors = mirrors
            self.vaults = vaults
            self.events = events
            self.writesPolicyReports = writesPolicyReports
            self.evidenceAge = evidenceAge
            self.now = now
            self.spread = spread
            self.seed = seed
            self.logger = logger
            self.metricsFactory = metricsFactory
        }
    }

    /// How many images are judged at the same time.
    public static let defaultWorkers = 16

    /// The controllers, to be run while leading.
    public let services: [any Service]

    /// Creates the controllers and hooks their queues to the informers.
    ///
    /// - Parameters:
    ///   - dependencies: what they need.
    ///   - workers: how many images are judged at the same time.
    ///   - clock: measures delays.
    public init(
        _ dependencies: Dependencies,
        workers: Int = defaultWorkers,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        let catalog = PolicyCatalog()
        // A namespace with many images must not hold up the others; where there is but one, it has all the workers.
        let images = WorkQueue<ObjectKey>(
            name: "imageverification",
            configuration: WorkQueueConfiguration(
                fairness: { $0.namespace ?? "" },
                workers: dependencies.view.clusterPolicies == nil ? nil : workers
            ),
            clock: clock,
            metricsFactory: dependencies.metricsFactory
        )
        let view = dependencies.view
        let imagesChanged: @Sendable (String?) -> Void = { namespace in
            for key in view.verificationKeys(in: namespace) { images.add(key) }
        }
        var services: [any Service] = []
        services += Self.policyController(
            "trustpolicy",
            view.policies,
            dependencies,
            catalog,
            clock: clock,
            imagesChanged: imagesChanged
        )
        if let clusterPolicies = view.clusterPolicies {
            services += Self.policyController(
                "clustertrustpolicy",
                clusterPolicies,
                dependencies,
                catalog,
                clock: clock,
                imagesChanged: imagesChanged
            )
        }
        view.namespaces?.addHandler { change in
            // Pods may be seen before their namespace, whose labels say which policies speak for them.
            if case .updated(let old, let new) = change, old.value == new.value { return }
            imagesChanged(change.key.name)
        }
        services.append(
            Self.imageController(images, dependencies, catalog, workers: workers, clock: clock)
        )
        if dependencies.writesPolicyReports {
            services += Self.policyReportController(
                dependencies.client,
                view.verifications,
                clock: clock,
                seed: dependencies.seed &+ 2,
                logger: dependencies.logger,
                metricsFactory: dependencies.metricsFactory
            )
        }
        self.services = services
    }

    private static func policyController<Object: PolicyObject>(
        _ name: String,
        _ informer: Informer<Object, Object>,
        _ dependencies: Dependencies,
        _ catalog: PolicyCatalog,
        clock: any Clock<Duration>,
        imagesChanged: @escaping @Sendable (String?) -> Void
    ) -> [any Service] {
        let queue = WorkQueue<ObjectKey>(name: name, clock: clock, metricsFactory: dependencies.metricsFactory)
        informer.addHandler { change in
            guard case .updated(let old, let new) = change,
                PolicySource(old.value.metadata) == PolicySource(new.value.metadata),
                VerificationRequest(old.value.metadata) == VerificationRequest(new.value.metadata),
                new.value.metadata.deletionTimestamp == nil
            else { return queue.add(change.key, priority: change.workPriority) }
            // What another wrote into the status is to be put right; after one's own write this finds nothing to do.
            if old.value.status != new.value.status { queue.add(change.key, after: repairDelay) }
        }
        dependencies.view.verifications.feed(queue, after: countDelay) {
            policyKeys(of: $0, kind: Object.resource.kind)
        }
        // Whoever changes a certificate wants to see what follows from it.
        let sources = NamedObjectWatcher<ObjectKey>(
            client: dependencies.client,
            clock: clock,
            seed: dependencies.seed &+ 1,
            logger: dependencies.logger
        ) { _, policies in
            for key in policies { queue.add(key) }
        }
        let consistency = ConsistencyStore<ObjectKey>([informer], clock: clock)
        let reconciler = PolicyReconciler<Object>(
            client: dependencies.client,
            vaults: dependencies.vaults,
            informer: informer,
            view: dependencies.view,
            catalog: catalog,
            consistency: consistency,
            events: dependencies.events,
            now: dependencies.now,
            logger: dependencies.logger,
            watchSources: { sources.want($1, owner: $0) },
            imagesChanged: imagesChanged
        )
        let controller = Controller<ObjectKey>(
            queue: queue,
            settings: ControllerSettings(workers: 2),
            caches: dependencies.view.caches,
            consistency: consistency,
            clock: clock,
            seed: dependencies.seed,
            logger: dependencies.logger,
            metricsFactory: dependencies.metricsFactory,
            reconcile: { try await reconciler.reconcile($0) }
        )
        return [controller, sources]
    }

    /// How long changes of verdicts are gathered before a policy counts its images again.
    private static let countDelay: Duration = .milliseconds(250)

    /// How long after a change of a policy's status it is compared with what it should be.
    ///
    /// Long enough for two operators that disagree, without an election between them, to disagree slowly.
    private static let repairDelay: Duration = .seconds(2)

    /// The policies whose counts a change of a verification touches.
    private static func policyKeys(of change: InformerChange<ImageVerification>, kind: String) -> Set<ObjectKey> {
        let objects: [ImageVerification]
        switch change {
        case .added(let object, _): objects = [object.value]
        case .updated(let old, let new):
            let isSame =
                old.value.status?.verdict == new.value.status?.verdict
                && old.value.status?.validUntil == new.value.status?.validUntil
                && Set(old.value.judgingPolicies) == Set(new.value.judgingPolicies)
                && old.value.judgingPolicies.allSatisfy { old.value.anchors(of: $0) == new.value.anchors(of: $0) }
            objects = isSame ? [] : [old.value, new.value]
        case .deleted(let last, _): objects = [last.value]
        }
        let names = Set(objects.flatMap(\.judgingPolicies))
        return Set(names.compactMap { policyKey($0, kind: kind) })
    }

    /// The key of a policy from `Kind/namespace/name` or `Kind/name`, if it is of `kind`.
    private static func policyKey(_ description: String, kind: String) -> ObjectKey? {
        let parts = description.split(separator: "/").map(String.init)
        guard parts.first == kind else { return nil }
        switch parts.count {
        case 3: return ObjectKey(namespace: parts[1], name: parts[2])
        case 2: return ObjectKey(namespace: nil, name: parts[1])
        default: return nil
        }
    }

    private static func imageController(
        _ queue: WorkQueue<ObjectKey>,
        _ dependencies: Dependencies,
        _ catalog: PolicyCatalog,
        workers: Int,
        clock: any Clock<Duration>
    ) -> Controller<ObjectKey> {
        let view = dependencies.view
        view.pods.feed(queue) { verificationKeys(of: $0) }
        // What could not be made while the server did not have the kind would wait as long as it has failed.
        view.verifications.feed(queue, synchronised: { Array(view.keysWithoutVerification) }) { change in
            // A status that this operator wrote is no reason to judge again; a gate's new specification is, and so is
            // a person's request.
            if case .updated(let old, let new) = change, old.value.metadata.generation == new.value.metadata.generation,
                old.value.isManaged == new.value.isManaged,
                VerificationRequest(old.value.metadata) == VerificationRequest(new.value.metadata),
                new.value.metadata.deletionTimestamp == nil
            {
                return []
            }
            return [change.key]
        }
        let consistency = ConsistencyStore<ObjectKey>([view.verifications], clock: clock)
        let reconciler = ImageReconciler(
            client: dependencies.client,
            gatherer: ImageGatherer(view: view, catalog: catalog, mirrors: dependencies.mirrors),
            judgements: dependencies.judgements,
            credentials: dependencies.registries.map {
                WorkloadCredentials(client: dependencies.client, registries: $0, logger: dependencies.logger)
            },
            schedule: JudgementSchedule(),
            consistency: consistency,
            events: dependencies.events,
            audience: PodAudience(),
            evidenceAge: dependencies.evidenceAge,
            now: dependencies.now,
            spread: dependencies.spread,
            logger: dependencies.logger,
            metricsFactory: dependencies.metricsFactory ?? MetricsSystem.factory
        )
        return Controller(
            queue: queue,
            settings: ControllerSettings(workers: workers, reconcileTimeout: .seconds(120)),
            caches: view.caches,
            consistency: consistency,
            clock: clock,
            seed: dependencies.seed,
            logger: dependencies.logger,
            metricsFactory: dependencies.metricsFactory,
            reconcile: { try await reconciler.reconcile($0) }
        )
    }

    /// The verifications that a change of a pod touches: those of images it runs or ran.
    private static func verificationKeys(of change: InformerChange<PodImages>) -> Set<ObjectKey> {
        switch change {
        case .added(let pod, _): pod.verifications
        case .updated(let old, let new):
            old.value.labels == new.value.labels
                ? old.verifications.symmetricDifference(new.verifications)
                : old.verifications.union(new.verifications)
        case .deleted(let last, _): last.verifications
        }
    }
}
