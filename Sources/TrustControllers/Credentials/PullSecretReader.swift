import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OCIRegistry
import Synchronization
import WorkSharing

/// Reads the service accounts and secrets that pods name, each by its name, and keeps what they say for a short while.
///
/// Nothing is listed or watched: the right to `get` is enough. What was read is kept for a minute, and what could not be
/// read for ten seconds, so that a secret that is mended is soon seen.
final class PullSecretReader: Sendable {
    /// One object.
    enum Source: Sendable, Hashable {
        case serviceAccount(namespace: String, name: String)
        case secret(namespace: String, name: String)
    }

    /// What an object says.
    enum Content: Sendable {
        /// The names of further secrets.
        case references([String])
        /// Credentials.
        case keyring(RegistryKeyring)
        /// Nothing that can be used; a clause that names the object and says why.
        case unusable(String)
    }

    private struct Memory: Sendable {
        var known: [Source: (content: Content, readAt: Date)] = [:]

        mutating func keep(_ content: Content, _ source: Source, readAt: Date) {
            known = known.filter { Self.isYoung($0.value, at: readAt) }
            // Every pod may name other objects; what does not fit is read again.
            if known.count >= PullSecretReader.capacity { known = [:] }
            known[source] = (content, readAt)
        }

        func content(_ source: Source, at now: Date) -> Content? {
            known[source].flatMap { Self.isYoung($0, at: now) ? $0.content : nil }
        }

        private static func isYoung(_ entry: (content: Content, readAt: Date), at now: Date) -> Bool {
            let age = now.timeIntervalSince(entry.readAt)
            if case .unusable = entry.content { return age >= 0 && age < PullSecretReader.lifeOfFailure }
            return age >= 0 && age < PullSecretReader.life
        }
    }

    /// How long content is believed, in seconds.
    static let life: Double = 60
    /// How long it is believed that there is nothing to be had, in seconds.
    static let lifeOfFailure: Double = 10
    /// The most objects that are kept.
    static let capacity = 4096

    private let client: APIClient
    private let logger: Logger
    private let work = SharedWork<Source, Result<Content, any Error>, Memory>(memory: Memory())
    /// What has been logged and is not mended yet.
    private let reported = Mutex<Set<Source>>([])

    init(client: APIClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// What `source` says now, or said a short while ago.
    ///
    /// - Throws: `APIError`, `TransportError` when the server cannot be asked; `CancellationError`.
    func content(of source: Source, now: @Sendable () -> Date) async throws -> Content {
        let result = await work.value(
            for: source,
            known: { memory in memory.content(source, at: now()).map { .success($0) } },
            make: {
                do {
                    return .success(try await self.read(source))
                } catch {
                    return .failure(error)
                }
            },
            keep: { memory, result in
                if case .success(let content) = result { memory.keep(content, source, readAt: now()) }
                return result
            }
        )
        guard let content = try result?.get() else { throw CancellationError() }
        return content
    }

    private func read(_ source: Source) async throws -> Content {
        let content: Content
        do {
            switch source {
            case .serviceAccount(let namespace, let name):
                let account = try await client.resource(ServiceAccount.self).get(name, namespace: namespace)
                content = .references(PullSecretReferences.names((account.imagePullSecrets ?? []).map(\.name)))
            case .secret(let namespace, let name):
                content = Self.content(of: try await client.resource(Secret.self).get(name, namespace: namespace))
            }
        } catch let error as APIError where error.httpStatus == 404 {
            content = .unusable("\(Self.title(source)) does not exist")
        } catch let error as APIError where error.httpStatus == 403 {
            content = .unusable("\(Self.title(source)) may not be read by the operator: \(Self.remedy(source))")
        }
        report(content, source)
        return content
    }

    private static func content(of secret: Secret) -> Content {
        let title = title(.secret(namespace: secret.metadata.namespace ?? "", name: secret.metadata.name))
        let format: RegistryKeyring.Format
        switch secret.type {
        case "kubernetes.io/dockerconfigjson": format = .configuration
        case "kubernetes.io/dockercfg": format = .legacy
        default:
            return .unusable(
                "\(title) is of type \((secret.type ?? "Opaque").prefix(80)), and neither "
                    + "kubernetes.io/dockerconfigjson nor kubernetes.io/dockercfg"
            )
        }
        guard let bytes = secret.data?[format.rawValue] else {
            return .unusable("\(title) has no key \(format.rawValue)")
        }
        do throws(RegistryKeyring.Defect) {
            return .keyring(try RegistryKeyring(Array(bytes), format: format))
        } catch {
            return .unusable("\(title) cannot be used: it \(error.message)")
        }
    }

    private static func title(_ source: Source) -> String {
        switch source {
        case .serviceAccount(let namespace, let name): "service account \(namespace)/\(name)"
        case .secret(let namespace, let name): "pull secret \(namespace)/\(name)"
        }
    }

    private static func remedy(_ source: Source) -> String {
        switch source {
        case .serviceAccount:
            "its role lacks get on serviceaccounts; install the roles of this version (config/rbac/role.yaml)"
        case .secret(let namespace, _):
            "apply config/rbac/secrets_reader.yaml for namespace \(namespace)"
        }
    }

    /// Logs what cannot be used, once until it can.
    private func report(_ content: Content, _ source: Source) {
        guard case .unusable(let clause) = content else {
            _ = reported.withLock { $0.remove(source) }
            return
        }
        let isNew = reported.withLock { reported in
            if reported.count >= Self.capacity { reported = [] }
            return reported.insert(source).inserted
        }
        if isNew {
            logger.warning("images are read without some credentials", metadata: ["cause": "\(clause)"])
        }
    }
}
