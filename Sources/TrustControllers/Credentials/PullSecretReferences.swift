import KubernetesAPI

/// Where a pod's credentials for registries are written down: names of objects in its namespace.
///
/// One pointer, as it is kept of every pod.
public struct PullSecretReferences: Sendable, Hashable {
    /// The service account, then the secrets.
    private let names: [String]

    /// The secrets that the pod names, in its order, each once.
    public var secrets: ArraySlice<String> { names.dropFirst() }
    /// The service account it runs as.
    public var serviceAccount: String { names.first ?? Self.defaultAccount }

    /// The most secrets of one pod, or of one service account, that are looked at.
    static let maximumSecrets = 32
    /// The account of pods that name none.
    static let defaultAccount = "default"

    /// Reads a pod's specification.
    ///
    /// - Parameters:
    ///   - secrets: the names in `imagePullSecrets`; empty ones mean nothing.
    ///   - serviceAccount: the name in `serviceAccountName`.
    init(secrets: [String?], serviceAccount: String?) {
        let account = serviceAccount.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultAccount
        names = [account] + Self.names(secrets)
    }

    /// Reads a pod.
    init(_ pod: Pod) {
        self.init(
            secrets: (pod.spec?.imagePullSecrets ?? []).map(\.name),
            serviceAccount: pod.spec?.serviceAccountName
        )
    }

    /// Names in their order, each once, as many as are looked at.
    static func names(_ names: [String?]) -> [String] {
        var kept: [String] = []
        for name in names.compactMap(\.self) where !name.isEmpty && !kept.contains(name) {
            guard kept.count < maximumSecrets else { break }
            kept.append(name)
        }
        return kept
    }

    /// Whether an object can have this name: what a pod writes here is checked by nobody, and goes into the path of a
    /// request (RFC 1123 subdomains, as the API server wants them for Secrets and ServiceAccounts).
    static func isPossible(_ name: String) -> Bool {
        guard let first = name.utf8.first, let last = name.utf8.last, name.utf8.count <= 253 else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
        }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}

extension PullSecretReferences: Comparable {
    /// By the secrets, then by the service account.
    public static func < (left: PullSecretReferences, right: PullSecretReferences) -> Bool {
        if left.secrets != right.secrets { return left.secrets.lexicographicallyPrecedes(right.secrets) }
        return left.serviceAccount < right.serviceAccount
    }
}
