public import FoundationEssentials
import JSONModel
public import KubernetesAPI
public import KubernetesClient
public import OCIModel
public import SigningTestKit
import Synchronization
public import TrustResources

/// A namespace in a cluster and a registry of signed images: what tests of the operator do, and wait for, in them.
public protocol ImageScene: Sendable {
    /// The test's own way to the cluster.
    var client: APIClient { get }
    /// The namespace of the test.
    var namespace: String { get }
    /// Where its images are.
    var registry: InMemoryRegistry { get }
    /// Who signs them.
    var chain: TestChain { get }
    /// How long something may take to happen, on the clock of the cluster, before a test gives up on it.
    var patience: Duration { get }
}

/// What was waited for did not come.
public struct SceneError: Error, Sendable, CustomStringConvertible {
    /// A sentence that says what is missing.
    public let description: String

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}

// MARK: - Doing

extension ImageScene {
    /// The time that a scene's clock starts at: 1 June 2026, inside every validity that the signing kit makes by default.
    public static var start: Date { Date(timeIntervalSince1970: 1_780_272_000) }

    /// Creates a pod of one running container, which pulls its image with these secrets and as this service account.
    public func runPod(
        _ name: String,
        image: Descriptor,
        labels: [String: String] = [:],
        pullSecrets: [String] = [],
        serviceAccount: String? = nil,
        in namespace: String? = nil
    ) async throws {
        try await runPod(
            name,
            image: "\(InMemoryRegistry.host)/shop/web:v1",
            imageID: "\(InMemoryRegistry.host)/shop/web@\(image.digest)",
            labels: labels,
            pullSecrets: pullSecrets,
            serviceAccount: serviceAccount,
            in: namespace
        )
    }

    /// Creates a pod whose one container is reported with `imageID`, for nodes with these labels.
    public func runPod(
        _ name: String,
        image: String,
        imageID: String,
        labels: [String: String] = [:],
        pullSecrets: [String] = [],
        serviceAccount: String? = nil,
        nodeSelector: [String: String]? = nil,
        in other: String? = nil
    ) async throws {
        let namespace = other ?? self.namespace
        var pod = Pod(
            metadata: ObjectMeta(name: name, namespace: namespace, labels: labels),
            spec: Pod.Specification(containers: [Pod.Container(name: "web", image: image)])
        )
        pod.spec?.nodeName = nil
        pod.spec?.nodeSelector = nodeSelector
        pod.spec?.serviceAccountName = serviceAccount
        pod.spec?.imagePullSecrets = pullSecrets.isEmpty ? nil : pullSecrets.map { Pod.LocalReference(name: $0) }
        try await client.createUnscheduled(pod, running: imageID)
    }

    /// Deletes a pod without grace.
    public func deletePod(_ name: String) async throws {
        let request = APIRequest(
            .delete,
            Pod.resource.path(namespace: namespace, name: name),
            headers: ["content-type": "application/json"],
            body: Array(#"{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}"#.utf8)
        )
        _ = try await client.send(request)
    }

    /// A policy that trusts ``chain``.
    public func policy(
        _ name: String = "shop",
        identity: String = "x509.subject: C=US, ST=WA, O=Example"
    ) -> TrustPolicy {
        let store = TrustStoreSource(
            type: "ca",
            name: "example",
            certificates: CertificateSource(inline: pem(chain.root.der))
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

    /// Creates a policy, or gives the one of its name this specification.
    @discardableResult
    public func apply(_ policy: TrustPolicy) async throws -> TrustPolicy {
        let policies = client.resource(TrustPolicy.self)
        do {
            return try await policies.create(policy)
        } catch let error as APIError where error.code == .alreadyExists {
            // The controllers write its status meanwhile.
            return try await policies.update(policy.metadata.name, namespace: namespace) { current in
                current.spec = policy.spec
                return true
            }
        }
    }

    /// A certificate as PEM.
    public func pem(_ der: [UInt8]) -> String {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }
}

// MARK: - Waiting

extension ImageScene {
    /// The verification of `image`, as soon as it satisfies `isAsExpected`.
    public func verification(
        of image: Descriptor,
        where isAsExpected: @escaping @Sendable (ImageVerification) -> Bool
    ) async throws -> ImageVerification {
        try await object(ImageVerification.self, ImageVerification.name(for: image.digest), where: isAsExpected)
    }

    /// The object `name`, as soon as it satisfies `isAsExpected`.
    ///
    /// - Throws: ``SceneError`` when it does not within ``patience``.
    public func object<Object: KubernetesObject>(
        _ type: Object.Type,
        _ name: String,
        where isAsExpected: @escaping @Sendable (Object) -> Bool
    ) async throws -> Object {
        let selection = ObjectSelection(namespace: namespace, fieldSelector: "metadata.name=\(name)")
        let object = try await firstObject(type, in: selection, where: isAsExpected)
        if let object { return object }
        throw SceneError("\(type) \(name) did not become what was expected within \(patience)")
    }

    /// The first object of `selection` that satisfies `isAsExpected`; `nil` when none does within ``patience``.
    public func firstObject<Object: KubernetesObject>(
        _ type: Object.Type,
        in selection: ObjectSelection,
        where isAsExpected: @escaping @Sendable (Object) -> Bool
    ) async throws -> Object? {
        let found = Mutex<Object?>(nil)
        try await watch(type, selection) { notification in
            switch notification {
            case .added(let object), .modified(let object):
                guard isAsExpected(object) else { return .proceed }
                found.withLock { $0 = object }
                return .stop
            default: return .proceed
            }
        }
        return found.withLock { $0 }
    }

    /// Returns as soon as the object `name` is gone.
    ///
    /// - Throws: ``SceneError`` when it is not within ``patience``.
    public func waitUntilGone<Object: KubernetesObject>(_ type: Object.Type, _ name: String) async throws {
        let isGone = Mutex(false)
        let selection = ObjectSelection(namespace: namespace, fieldSelector: "metadata.name=\(name)")
        let found = try await client.resource(type).list(selection)
        guard !found.items.isEmpty else { return }
        try await watch(type, selection, since: found.resourceVersion) { notification in
            guard case .deleted = notification else { return .proceed }
            isGone.withLock { $0 = true }
            return .stop
        }
        guard isGone.withLock({ $0 }) else { throw SceneError("\(type) \(name) is still there after \(patience)") }
    }

    /// Watches from `version` on; without one a watch begins with what is there, whether or not the server streams lists.
    private func watch<Object: KubernetesObject>(
        _ type: Object.Type,
        _ selection: ObjectSelection,
        since version: String = "",
        _ receive: @escaping @Sendable (WatchNotification<Object>) async throws -> WatchContinuation
    ) async throws {
        let options = WatchOptions(resourceVersion: version, timeoutSeconds: Int(patience.components.seconds))
        try await client.resource(type).watch(selection, options: options, receive: receive)
    }
}
