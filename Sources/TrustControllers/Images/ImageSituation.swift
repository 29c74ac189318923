import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesRuntime
import OCIModel
import TrustModel
import TrustResources

/// Everything that decides about one verification, as gathered at one moment.
struct ImageSituation: Sendable {
    /// What the verification is about.
    enum Subject: Sendable {
        /// References of one digest, or one reference without a digest; in order.
        case references([ImageReference])
        /// Nothing that could be looked up.
        case unidentified(Reason, message: String)
    }

    /// A policy that does not speak for the image although it is named.
    struct Silence: Sendable {
        let policy: PolicyName
        /// Why, for people.
        let cause: String
    }

    /// How a policy stands towards it.
    enum Coverage: Sendable {
        /// These speak for it; may be none.
        case policies([PolicyEntry])
        /// A policy that might speak is not prepared yet.
        case pending
    }

    let key: ObjectKey
    /// The pods that run the image.
    let pods: [RunningPod]
    /// The entries of the pods that are about the image.
    let running: [PodImages.Image]
    /// The verification, where it exists.
    let existing: ImageVerification?
    let subject: Subject
    let coverage: Coverage
    /// The policies that a gate names and that do not speak for its image.
    var silences: [Silence] = []
    /// Where copies of images are; they are known by the names of their origins.
    var mirrors = RegistryMirrors.none

    /// What is known about the image besides its references: where all pods agree about the platform, that, and the digests
    /// by which they ask for it.
    var context: ImageContext {
        let platforms = Set(running.map(\.platform))
        return ImageContext(
            platform: platforms.count == 1 ? platforms.first ?? nil : nil,
            indexes: Set(running.compactMap(\.image.index))
        )
    }

    /// A tag that pods would follow if they started anew.
    struct FollowedTag: Sendable, Hashable {
        /// What runs by it, with its digest.
        let image: ImageReference
        let tag: String
    }

    /// The most tags of one image that are looked at.
    static let maximumTags = StatusLimits.samples

    /// The tags that the image runs by, in order.
    var followedTags: [FollowedTag] {
        let all = running.compactMap { entry -> FollowedTag? in
            guard case .inRegistry(let reference) = entry.image.identity, let tag = entry.image.followedTag else {
                return nil
            }
            return FollowedTag(image: mirrors.origin(of: reference), tag: tag)
        }
        return Array(Set(all).sorted { $0.image.description < $1.image.description }.prefix(Self.maximumTags))
    }

    /// A person's request that the status does not repeat yet.
    var request: VerificationRequest? {
        existing.flatMap { object in
            VerificationRequest(object.metadata).flatMap {
                $0.token == object.status?.lastHandledVerifyRequest ? nil : $0
            }
        }
    }

    /// Whether the operator made the object, or would make it.
    var isManaged: Bool { existing?.isManaged ?? true }
}

/// Gathers situations from the informers and the catalog; asks nobody.
struct ImageGatherer: Sendable {
    let view: ClusterView
    let catalog: PolicyCatalog
    /// Images are known by the names of their origins.
    var mirrors = RegistryMirrors.none

    /// What is known about `key`; `nil` when nothing runs it and no object exists.
    func situation(of key: ObjectKey) -> ImageSituation? {
        let pods = view.pods.objects(in: ClusterView.byVerification, under: key.description)
            .sorted { $0.key < $1.key }
        let existing = view.verifications.value(key)
        guard existing != nil || !pods.isEmpty else { return nil }
        // What pods run is judged as what they run, whatever somebody wrote into an object of that name.
        let gate = existing.flatMap { $0.isManaged || !pods.isEmpty ? nil : $0 }
        let running = pods.entries(of: key.name)
        let subject = gate.map(subject(of:)) ?? Self.subject(of: running, mirrors)
        let coverage = coverage(key, subject: subject, pods: pods, gate: gate)
        return ImageSituation(
            key: key,
            pods: pods,
            running: running,
            existing: existing,
            subject: subject,
            coverage: coverage,
            silences: gate.map { silences($0, coverage) } ?? [],
            mirrors: mirrors
        )
    }

    /// Who names policies wants all of them to be satisfied, so that one which is not there must not be passed over.
    private func silences(_ gate: ImageVerification, _ coverage: ImageSituation.Coverage) -> [ImageSituation.Silence] {
        guard case .policies(let speaking) = coverage else { return [] }
        let namespace = gate.metadata.namespace ?? ""
        let known = Set(policies(in: namespace).map(\.0))
        let named = (gate.spec.policyRefs ?? []).compactMap { $0.policyName(in: namespace) }
        return named.filter { name in !speaking.contains { $0.name == name } }.map { name in
            let isKnown = known.contains(name)
            return ImageSituation.Silence(
                policy: name,
                cause: isKnown
                    ? "spec.policyRefs names \(name), which does not speak for this image here"
                    : "spec.policyRefs names \(name), and there is no such policy"
            )
        }
    }

    private func subject(of gate: ImageVerification) -> ImageSituation.Subject {
        do throws(OCIError) {
            return .references([mirrors.origin(of: try ImageReference(gate.spec.image))])
        } catch {
            return .unidentified(.referenceInvalid, message: "spec.image cannot be read: \(error.message)")
        }
    }

    /// What a verification is about whose image runs by these entries.
    static func subject(
        of running: [PodImages.Image],
        _ mirrors: RegistryMirrors = .none
    ) -> ImageSituation.Subject {
        var references: Set<ImageReference> = []
        var unidentified: (Reason, String)?
        for image in running {
            switch image.image.identity {
            case .inRegistry(let reference): references.insert(mirrors.origin(of: reference))
            case .unidentified(let reason, let message): unidentified = (reason, message)
            }
        }
        if references.isEmpty, let (reason, message) = unidentified { return .unidentified(reason, message: message) }
        // One reference for each repository is enough; that with a tag can also lead to an index.
        let grouped = Dictionary(grouping: references, by: \.repository)
        let chosen = grouped.values.compactMap { $0.max { ($0.tag ?? "") < ($1.tag ?? "") } }
        return .references(chosen.sorted { $0.description < $1.description })
    }

    private func coverage(
        _ key: ObjectKey,
        subject: ImageSituation.Subject,
        pods: [RunningPod],
        gate: ImageVerification?
    ) -> ImageSituation.Coverage {
        let namespace = key.namespace ?? ""
        var entries: [PolicyEntry] = []
        for (name, source) in policies(in: namespace) {
            guard let entry = catalog.entry(name), entry.source == source else { return .pending }
            if Self.speaks(
                entry,
                namespace: namespace,
                labels: view.labels(ofNamespace: namespace),
                subject,
                pods,
                gate
            ) {
                entries.append(entry)
            }
        }
        return .policies(entries.sorted { $0.name < $1.name })
    }

    private func policies(in namespace: String) -> [(PolicyName, PolicySource)] {
        let own = view.policies.objects.filter { $0.key.namespace == namespace }.map { object in
            (
                PolicyName(kind: .trustPolicy, namespace: namespace, name: object.key.name),
                PolicySource(object.value.metadata)
            )
        }
        let cluster = (view.clusterPolicies?.objects ?? []).map { object in
            (PolicyName(kind: .clusterTrustPolicy, name: object.key.name), PolicySource(object.value.metadata))
        }
        return own + cluster
    }

    private static func speaks(
        _ entry: PolicyEntry,
        namespace: String,
        labels: [String: String],
        _ subject: ImageSituation.Subject,
        _ pods: [RunningPod],
        _ gate: ImageVerification?
    ) -> Bool {
        guard entry.scope.holds(inNamespace: namespace, labels: labels), entry.scope.includes(subject) else {
            return false
        }
        guard let gate else { return pods.contains { entry.scope.selects(podLabels: $0.value.labels) } }
        if let refs = gate.spec.policyRefs, !refs.isEmpty {
            return refs.contains { $0.policyName(in: namespace) == entry.name }
        }
        // No pod asks, so a policy for certain pods does not speak unless it is named.
        return entry.scope.selectsEveryPod || pods.contains { entry.scope.selects(podLabels: $0.value.labels) }
    }
}

extension PolicyScope {
    /// Whether images like this one are its affair, whichever pods run them.
    func includes(_ subject: ImageSituation.Subject) -> Bool {
        switch subject {
        case .references(let references): references.contains { images.contains($0.repository) }
        case .unidentified: images.contains(nil)
        }
    }
}
