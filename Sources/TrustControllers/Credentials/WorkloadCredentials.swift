import FoundationEssentials
import ImageTrust
import KubernetesClient
import Logging
import OCIModel
import OCIRegistry
import TrustModel

/// Reads images with the credentials of the pods that run them: their `imagePullSecrets`, those of their service accounts,
/// and at last the operator's own.
///
/// Pods of one namespace that run the same image put their credentials together: whoever may create pods in a namespace
/// may use every secret in it.
struct WorkloadCredentials: Sendable {
    /// How an image is to be read.
    struct Reading: Sendable {
        /// The registry with the pods' credentials; `nil` where none of them is for it.
        var access: ImageAccess?
        /// What the pods refer to and cannot be used, each as a clause.
        var troubles: [String] = []
    }

    /// The most secrets that are read for one image.
    static let maximumSecrets = 64

    private let reader: PullSecretReader
    private let registries: PrincipalRegistries

    /// Reads secrets by `client`, and images from `registries`.
    init(client: APIClient, registries: PrincipalRegistries, logger: Logger) {
        reader = PullSecretReader(client: client, logger: logger)
        self.registries = registries
    }

    /// How `repositories` are to be read for pods of `namespace` that have these `references`.
    ///
    /// What pods with other references name comes in the order of these references, so that it does not depend on which
    /// pod was seen first; what one pod names keeps its order.
    ///
    /// - Throws: `APIError`, `TransportError` when the cluster cannot be asked; `CancellationError`.
    func reading(
        _ repositories: Set<RepositoryName>,
        for references: Set<PullSecretReferences>,
        in namespace: String,
        now: @Sendable () -> Date
    ) async throws -> Reading {
        guard !references.isEmpty else { return Reading() }
        var reading = Reading()
        let ordered = references.sorted()
        var names = ordered.flatMap(\.secrets)
        for account in Set(ordered.map(\.serviceAccount)).sorted() {
            guard PullSecretReferences.isPossible(account) else { continue }
            let source = PullSecretReader.Source.serviceAccount(namespace: namespace, name: account)
            switch try await reader.content(of: source, now: now) {
            case .references(let further): names += further
            case .unusable(let clause): reading.troubles.append(clause)
            case .keyring: break
            }
        }
        var seen: Set<String> = []
        names = names.filter { seen.insert($0).inserted }
        if names.count > Self.maximumSecrets {
            reading.troubles.append("\(names.count - Self.maximumSecrets) further pull secrets were not read")
        }
        var keyring = RegistryKeyring()
        for name in names.prefix(Self.maximumSecrets) {
            guard PullSecretReferences.isPossible(name) else {
                reading.troubles.append("imagePullSecrets names what no secret can be called")
                continue
            }
            switch try await reader.content(of: .secret(namespace: namespace, name: name), now: now) {
            case .keyring(let found): keyring.add(found)
            case .unusable(let clause): reading.troubles.append(clause)
            case .references: break
            }
        }
        reading.access = registries.access(to: repositories, with: keyring, now: now())
        return reading
    }
}

extension PolicyJudgement {
    /// The judgement with what was the matter with credentials, where the registry did not let the image be read.
    ///
    /// Many registries say "not found" to strangers: while credentials are missing, that is no answer.
    func noting(_ troubles: [String]) -> PolicyJudgement {
        guard !troubles.isEmpty, Self.mayBeRefusal(reason) || findings.contains(where: { Self.mayBeRefusal($0.reason) })
        else { return self }
        // A status has little room; the log names every one.
        let more = troubles.count > 3 ? "; and \(troubles.count - 3) more" : ""
        let note = "; \(troubles.prefix(3).joined(separator: "; "))\(more)"
        var noted = self
        if Self.mayBeRefusal(reason) {
            noted.reason = .registryUnauthorized
            noted.message += note
        }
        noted.findings = findings.map { finding in
            guard Self.mayBeRefusal(finding.reason) else { return finding }
            var finding = finding
            finding.reason = .registryUnauthorized
            finding.message += note
            return finding
        }
        return noted
    }

    private static func mayBeRefusal(_ reason: Reason) -> Bool {
        reason == .registryUnauthorized || reason == .imageNotFound
    }
}
