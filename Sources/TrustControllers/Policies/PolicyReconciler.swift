import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import NotaryVerification
import OCIModel
import TrustModel
import TrustResources

/// Brings one policy into force: gathers the object and its certificates, decides whether it can be applied, and applies
/// that to the catalog and to the policy's status.
struct PolicyReconciler<Object: PolicyObject>: Sendable {
    let client: APIClient
    let vaults: (any CertificateVaults)?
    let informer: Informer<Object, Object>
    let view: ClusterView
    let catalog: PolicyCatalog
    let consistency: ConsistencyStore<ObjectKey>
    let events: EventRecorder
    let untold = UntoldChanges<TrustPolicyStatus>()
    let now: @Sendable () -> Date
    let logger: Logger
    /// Sets which objects, changing, bring the policy back here.
    let watchSources: @Sendable (_ policy: ObjectKey, _ objects: Set<NamedObject>) -> Void
    /// Told the namespace (`nil`: all) whose images have to be judged again.
    let imagesChanged: @Sendable (_ namespace: String?) -> Void

    /// How often a policy with references is looked at again: changes that no watch tells of are noticed then.
    static var refresh: Duration { .seconds(30) }
    /// How often the expiry of certificates is looked at.
    static var expiryRefresh: Duration { .seconds(3600) }

    func reconcile(_ key: ObjectKey) async throws -> ReconcileOutcome {
        guard let object = informer.value(key) else {
            retire(key)
            return .done
        }
        // One that is being deleted counts until it is gone: a finalizer may hold it for as long as somebody likes.
        let references = object.certificateReferences
        watchSources(key, Set(references.compactMap(\.object?.named)))
        let lookups = try await CertificateFetcher(client: client, vaults: vaults).lookUp(references)
        var decided = decision(object, lookups)
        decided.entry.demand = demand(object)
        if catalog.update(decided.entry) { imagesChanged(object.scope.namespace) }
        guard try await report(object, decided) else { return .retry }
        return .requeue(after: references.isEmpty ? Self.expiryRefresh : Self.refresh)
    }

    /// The last request for the policy's images: that of the object, unless it was met before this process began.
    private func demand(_ object: Object) -> PolicyEntry.Demand? {
        let known = catalog.entry(object.policyName)?.demand
        guard let request = VerificationRequest(object.metadata), request != known?.request,
            request.token != object.status?.lastHandledVerifyRequest
        else { return known }
        return PolicyEntry.Demand(request: request, seenAt: now())
    }

    private func retire(_ key: ObjectKey) {
        untold.end(key)
        watchSources(key, [])
        let kind: PolicyName.Kind = Object.resource.isNamespaced ? .trustPolicy : .clusterTrustPolicy
        let name = PolicyName(kind: kind, namespace: key.namespace, name: key.name)
        if catalog.remove(name) { imagesChanged(key.namespace) }
    }

    private func decision(
        _ object: Object,
        _ lookups: [CertificateReference: CertificateLookup]
    ) -> (entry: PolicyEntry, outcome: Result<CompiledPolicy, PolicyProblems>) {
        let source = PolicySource(object.metadata)
        let revision = Self.revision(source, lookups)
        do throws(PolicyProblems) {
            let compiled = try object.compiled(PolicyCompiler(certificates: lookups), now: now())
            let prepared = try Self.prepared(compiled.policy, revision: revision)
            let entry = PolicyEntry(
                name: object.policyName,
                source: source,
                scope: object.scope,
                state: .ready(prepared),
                interval: compiled.interval,
                maxStaleness: compiled.maxStaleness,
                revision: revision
            )
            return (entry, .success(compiled))
        } catch {
            let reason: Reason = error.isUnresolved ? .trustStoreUnavailable : .policyInvalid
            let message = "\(object.policyName) cannot be applied: \(error)"
            let entry = PolicyEntry(
                name: object.policyName,
                source: source,
                scope: object.scope,
                state: .invalid(reason, message: message),
                interval: PolicyCompiler.defaultInterval,
                maxStaleness: PolicyCompiler.defaultMaxStaleness,
                revision: "\(revision) \(error)"
            )
            return (entry, .failure(error))
        }
    }

    private static func prepared(_ policy: Policy, revision: String) throws(PolicyProblems) -> PreparedPolicy {
        do throws(NotaryPolicyError) {
            return try PreparedPolicy(policy, revision: revision)
        } catch {
            throw PolicyProblems([PolicyProblem(.invalid, field: "spec.authorities", message: "\(error)")])
        }
    }

    /// Tells apart every state of a policy and of the certificates it takes from elsewhere.
    private static func revision(
        _ source: PolicySource,
        _ lookups: [CertificateReference: CertificateLookup]
    ) -> String {
        let parts = lookups.map { reference, lookup in
            switch lookup {
            case .found(let bytes, _): "\(reference)=\(Digest.of(bytes).hex)"
            case .unavailable(let why), .refused(let why): "\(reference)!\(why)"
            }
        }
        return "\(source.uid)/\(source.generation)" + parts.sorted().map { " \($0)" }.joined()
    }

    // MARK: - Status

    /// Writes what has changed of the status.
    ///
    /// - Returns: `false` when somebody changed the object meanwhile, so that it has to be looked at again.
    private func report(
        _ object: Object,
        _ decided: (entry: PolicyEntry, outcome: Result<CompiledPolicy, PolicyProblems>)
    ) async throws -> Bool {
        let previous = object.status
        let name = decided.entry.name
        let verifications = view.verifications.objects(in: ClusterView.byPolicy, under: name.description).map(\.value)
        let (images, uses) = Self.tally(verifications, under: name)
        let status = TrustPolicyStatus(
            projecting: decided.outcome,
            images: images,
            uses: uses,
            lapses: PolicyLapses(of: name.description, in: verifications),
            request: VerificationRequest(object.metadata),
            generation: object.metadata.generation,
            previous: previous,
            now: now()
        )
        let told = untold.lastTold(object.key, present: previous)
        guard status.needsWrite(after: previous) else {
            if let previous, untold.remembers(object.key) { announce(object, previous: told, status: previous) }
            untold.end(object.key)
            return true
        }
        untold.begin(object.key, told: told)
        guard var stored = try await StatusWriter(client: client).write(status, of: object) else { return false }
        stored.status = status
        consistency.wrote(stored, for: object.key, uid: stored.metadata.uid)
        announce(stored, previous: told, status: status)
        untold.end(object.key)
        return true
    }

    /// How the running images under the policy stand, and how many of them each of its anchors vouches for.
    private static func tally(
        _ verifications: [ImageVerification],
        under name: PolicyName
    ) -> (images: TrustPolicyStatus.ImageCounts, uses: [TrustPolicyStatus.AnchorUse: Int]) {
        var counts: [Verdict: Int] = [:]
        var uses: [TrustPolicyStatus.AnchorUse: Int] = [:]
        for verification in verifications where verification.isOfRunningImage {
            if let verdict = verification.status?.verdict { counts[verdict, default: 0] += 1 }
            for anchor in verification.anchors(of: name.description) { uses[anchor, default: 0] += 1 }
        }
        let images = TrustPolicyStatus.ImageCounts(
            trusted: counts[.trusted] ?? 0,
            untrusted: counts[.untrusted] ?? 0,
            unsupported: counts[.unsupported] ?? 0,
            unknown: counts[.unknown] ?? 0
        )
        return (images, uses)
    }

    private func announce(_ object: Object, previous: TrustPolicyStatus?, status: TrustPolicyStatus) {
        announceExpiry(object, previous: previous, status: status)
        announceLapses(object, previous: previous, status: status)
        announceOutage(object, previous: previous, status: status)
        let before = previous?.conditions?[type: ConditionType.ready]
        guard let ready = status.conditions?[type: ConditionType.ready] else { return }
        guard ready.status != before?.status || ready.reason != before?.reason else { return }
        let isReady = ready.status == .true
        events.record(
            EventNotice(
                regarding: ObjectReference(to: object),
                kind: isReady ? .normal : .warning,
                reason: isReady ? "PolicyReady" : ready.reason,
                action: "Compile",
                note: ready.message
            )
        )
        let metadata: Logger.Metadata = ["trust.policy": "\(object.policyName)", "reason": "\(ready.reason)"]
        if isReady {
            logger.info("policy in force", metadata: metadata)
        } else {
            logger.info("policy cannot be applied", metadata: metadata)
        }
    }

    /// An Event when the first trusted image begins to lapse soon.
    private func announceLapses(_ object: Object, previous: TrustPolicyStatus?, status: TrustPolicyStatus) {
        guard let lapsing = status.conditions?[type: ConditionType.trustLapsing], lapsing.status == .true,
            previous?.conditions?[type: ConditionType.trustLapsing]?.status != .true
        else { return }
        events.record(
            EventNotice(
                regarding: ObjectReference(to: object),
                kind: .warning,
                reason: ConditionType.trustLapsing,
                action: "Forecast",
                note: lapsing.message
            )
        )
        logger.warning(
            "trust is lapsing",
            metadata: ["trust.policy": "\(object.policyName)", "reason": "\(lapsing.reason)"]
        )
    }

    /// An Event when certificates begin to count although they could not be read again.
    private func announceOutage(_ object: Object, previous: TrustPolicyStatus?, status: TrustPolicyStatus) {
        guard let stale = status.conditions?[type: ConditionType.trustStoreStale],
            previous?.conditions?[type: ConditionType.trustStoreStale] == nil
        else { return }
        events.record(
            EventNotice(
                regarding: ObjectReference(to: object),
                kind: .warning,
                reason: ConditionType.trustStoreStale,
                action: "Compile",
                note: stale.message
            )
        )
        logger.warning(
            "a trust store cannot be read again",
            metadata: ["trust.policy": "\(object.policyName)", "cause": "\(stale.message)"]
        )
    }

    /// An Event when a certificate begins to expire soon, and when it has expired.
    private func announceExpiry(_ object: Object, previous: TrustPolicyStatus?, status: TrustPolicyStatus) {
        guard let expiring = status.conditions?[type: ConditionType.trustStoreExpiring], expiring.status == .true else {
            return
        }
        let before = previous?.conditions?[type: ConditionType.trustStoreExpiring]
        guard before?.status != .true || before?.reason != expiring.reason else { return }
        events.record(
            EventNotice(
                regarding: ObjectReference(to: object),
                kind: .warning,
                reason: ConditionType.trustStoreExpiring,
                action: "Compile",
                note: expiring.message
            )
        )
        logger.warning(
            "a trust store is expiring",
            metadata: ["trust.policy": "\(object.policyName)", "reason": "\(expiring.reason)"]
        )
    }
}
