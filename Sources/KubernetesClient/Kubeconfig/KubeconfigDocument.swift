import JSONModel

/// One kubeconfig file (`v1`, kind `Config`), as written; nothing is resolved yet.
struct KubeconfigDocument: Sendable {
    /// A cluster entry.
    struct Cluster: Sendable {
        var file: String
        var server: String?
        var tlsServerName: String?
        var insecureSkipTLSVerify = false
        var certificateAuthority: String?
        var certificateAuthorityData: [UInt8]?
        var proxyURL: String?
        var disableCompression = false
        /// What credential programs are told beyond the cluster's own settings.
        var execExtension: JSONValue?
    }

    /// A user entry.
    struct User: Sendable {
        var file: String
        var clientCertificate: String?
        var clientCertificateData: [UInt8]?
        var clientKey: String?
        var clientKeyData: [UInt8]?
        var token: String?
        var tokenFile: String?
        var username: String?
        var password: String?
        var impersonation = Impersonation()
        var exec: Exec?
        var authProvider: String?
    }

    /// The program that gives a user's credentials.
    struct Exec: Sendable {
        var command: String?
        var arguments: [String] = []
        var environment: [(name: String, value: String)] = []
        var apiVersion: String?
        var installHint: String?
        var provideClusterInfo = false
        var interactiveMode: String?
    }

    /// Whom a user acts as.
    struct Impersonation: Sendable, Hashable {
        var user: String?
        var uid: String?
        var groups: [String] = []
        var extra: [String: [String]] = [:]
    }

    /// A context entry.
    struct Context: Sendable {
        var file: String
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    var path: String
    var currentContext: String?
    var clusters: [String: Cluster] = [:]
    var users: [String: User] = [:]
    var contexts: [String: Context] = [:]

    /// Adds what `other` defines and this does not: the first file that defines a name, or names a current context,
    /// wins whole.
    mutating func merge(_ other: KubeconfigDocument) {
        currentContext = currentContext ?? other.currentContext
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
    }
}
