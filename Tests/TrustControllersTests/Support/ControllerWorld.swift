import FoundationEssentials
import ImageTrust
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OCIModel
import ServiceLifecycle
import SigningTestKit
import Synchronization
import Testing
import TrustControllers
import TrustModel
import TrustResources

/// A namespace in a cluster, a registry, and the operator's controllers at work between them.
struct ControllerWorld: Sendable {
    /// How long something may take to happen before a test gives up on it.
    static let patience: Duration = .seconds(20)
    /// 1 June 2026: inside every validity that the test kit makes by default.
    static let start = Date(timeIntervalSince1970: 1_780_272_000)

    let cluster: IntegrationCluster
    let namespace: String
    let registry: WorldRegistry
    let chain: TestChain
    /// The present of the controllers; runs on by itself from ``start``.
    let time: WorldTime

    /// Whether the controllers see the whole cluster rather than ``namespace`` alone.
    let seesCluster: Bool

    /// Runs `body` while the controllers run.
    ///
    /// They see only a namespace of the test's own, so that tests can share a cluster, unless `seesCluster` says
    /// otherwise.
    static func run(
        seesCluster: Bool = false,
        _ body: @escaping @Sendable (ControllerWorld) async throws -> Void
    ) async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-test") { namespace in
                let world = ControllerWorld(
                    cluster: cluster,
                    namespace: namespace,
                    registry: WorldRegistry(),
                    chain: try TestChain.make(),
                    time: WorldTime(),
                    seesCluster: seesCluster
                )
                try await world.whileControllersRun { try await body(world) }
            }
        }
    }

    private func whileControllersRun(_ body: @escaping @Sendable () async throws -> Void) async throws {
        var logger = Logger(label: "test.controllers")
        logger.logLevel = .critical
        let view = ClusterView(client: cluster.client, namespace: seesCluster ? nil : namespace, logger: logger)
        let events = EventRecorder(
            client: cluster.client,
            reportingController: "vigil.dev/operator",
            reportingInstance: "test",
            logger: logger
        )
        let time = self.time
        let controllers = TrustControllerSet(
            TrustControllerSet.Dependencies(
                client: cluster.client,
                view: view,
                judgements: SharedJudgements(
                    judge: ImageJudge(registry: CachingRegistry(registry, cache: ContentCache()))
                ),
                events: events,
                now: { time.now },
                spread: { 0.5 },
                logger: logger
            ),
            workers: 4
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in view.services + controllers.services + [events] {
                group.addTask { try await service.run() }
            }
            group.addTask {
                try await body()
                throw Finished()
            }
            do {
                try await group.next()
            } catch is Finished {}
            group.cancelAll()
        }
    }

    private struct Finished: Error {}

    // MARK: - Doing

    /// Creates a pod of one running container.
    func runPod(_ name: String, image: Descriptor, labels: [String: String] = [:]) async throws {
        try await runPod(
            name,
            image: "\(WorldRegistry.host)/shop/web:v1",
            imageID: "\(WorldRegistry.host)/shop/web@\(image.digest)",
            labels: labels
        )
    }

    /// Creates a pod whose one container is reported with `imageID`.
    func runPod(_ name: String, image: String, imageID: String, labels: [String: String] = [:]) async throws {
        let pods = cluster.client.resource(Pod.self)
        // On a real cluster nothing must start it: the status below is what counts.
        var pod = Pod(
            metadata: ObjectMeta(name: name, namespace: namespace, labels: labels),
            spec: Pod.Specification(containers: [Pod.Container(name: "web", image: image)])
        )
        pod.spec?.nodeName = nil
        _ = try await pods.create(pod)
        _ = try await pods.patch(
            name,
            namespace: namespace,
            .merge([
                "status": [
                    "phase": "Running",
                    "containerStatuses": [
                        [
                            "name": "web", "image": .string(image), "imageID": .string(imageID), "ready": true,
                            "restartCount": 0,
                        ]
                    ],
                ]
            ]),
            subresource: "status"
        )
    }

    func deletePod(_ name: String) async throws {
        let request = APIRequest(
            .delete,
            Pod.resource.path(namespace: namespace, name: name),
            headers: ["content-type": "application/json"],
            body: Array(#"{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}"#.utf8)
        )
        _ = try await cluster.client.send(request)
    }

    /// A policy that trusts ``chain``.
    func policy(_ name: String = "shop", identity: String = "x509.subject: C=US, ST=WA, O=Example") -> TrustPolicy {
        let store = TrustStoreSource(
            type: "ca",
            name: "example",
            certificates: CertificateSource(inline: Self.pem(chain.root.der))
        )
        return TrustPolicy(
            metadata: ObjectMeta(name: name, namespace: namespace),
            spec: TrustPolicySpec(
                authorities: [
                    AuthoritySource(
                        name: "example",
                        notary: NotarySource(level: "strict", trustedIdentities: [identity], trustStores: [store])
                    )
                ])
        )
    }

    @discardableResult
    func apply(_ policy: TrustPolicy) async throws -> TrustPolicy {
        let policies = cluster.client.resource(TrustPolicy.self)
        do {
            return try await policies.create(policy)
        } catch let error as APIError where error.code == .alreadyExists {
            let current = try await policies.get(policy.metadata.name, namespace: namespace)
            var changed = policy
            changed.metadata = current.metadata
            return try await policies.replace(changed)
        }
    }

    private static func pem(_ der: [UInt8]) -> String {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }

    // MARK: - Waiting

    /// The verification of `image`, as soon as it satisfies `isAsExpected`.
    func verification(
        of image: Descriptor,
        where isAsExpected: @escaping @Sendable (ImageVerification) -> Bool
    ) async throws -> ImageVerification {
        try await object(ImageVerification.self, ImageVerification.name(for: image.digest), where: isAsExpected)
    }

    /// The object `name`, as soon as it satisfies `isAsExpected`.
    func object<Object: KubernetesObject>(
        _ type: Object.Type,
        _ name: String,
        where isAsExpected: @escaping @Sendable (Object) -> Bool
    ) async throws -> Object {
        let found = Mutex<Object?>(nil)
        try await watch(type, name) { notification in
            switch notification {
            case .added(let object), .modified(let object):
                guard isAsExpected(object) else { return .proceed }
                found.withLock { $0 = object }
                return .stop
            default: return .proceed
            }
        }
        let object = found.withLock { $0 }
        return try #require(object, "\(type) \(name) did not become what was expected")
    }

    /// Returns as soon as the object `name` is gone.
    func waitUntilGone<Object: KubernetesObject>(_ type: Object.Type, _ name: String) async throws {
        let isGone = Mutex(false)
        try await watch(type, name) { notification in
            let gone: Bool
            switch notification {
            case .deleted: gone = true
            case .bookmark where notification.endsInitialEvents:
                gone = (try? await cluster.client.resource(type).get(name, namespace: namespace)) == nil
            default: gone = false
            }
            guard gone else { return .proceed }
            isGone.withLock { $0 = true }
            return .stop
        }
        let gone = isGone.withLock { $0 }
        #expect(gone, "\(type) \(name) is still there")
    }

    private func watch<Object: KubernetesObject>(
        _ type: Object.Type,
        _ name: String,
        _ receive: @escaping @Sendable (WatchNotification<Object>) async throws -> WatchContinuation
    ) async throws {
        let selection = ObjectSelection(namespace: namespace, fieldSelector: "metadata.name=\(name)")
        let options = WatchOptions(
            sendsInitialEvents: true,
            timeoutSeconds: Int(Self.patience.components.seconds)
        )
        try await cluster.client.resource(type).watch(selection, options: options, receive: receive)
    }
}

/// A wall clock that starts at a fixed date and can be put forward.
final class WorldTime: Sendable {
    private let offset = Mutex(Duration.zero)
    private let began = ContinuousClock.now

    /// The present.
    var now: Date {
        let elapsed = (ContinuousClock.now - began) + offset.withLock(\.self)
        let parts = elapsed.components
        return ControllerWorld.start + Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
    }

    /// Puts the clock forward.
    func advance(by duration: Duration) { offset.withLock { $0 += duration } }
}
