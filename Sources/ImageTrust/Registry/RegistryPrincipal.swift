public import OCIModel
public import OCIRegistry

/// On whose behalf a registry is asked: what it tells one principal is not told to another.
///
/// Everything that is kept of a registry's answers carries the principal in its key: bytes, findings, judgements. Those
/// who have the same credentials for the same repositories are the same principal, and share.
public struct RegistryPrincipal: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private let digest: Digest?

    /// The operator itself, with its own configuration or anonymously: what it may read, everybody is told.
    public static let shared = RegistryPrincipal(digest: nil)

    private init(digest: Digest?) { self.digest = digest }

    /// Whoever has these credentials, in this order; ``shared`` when there are none.
    ///
    /// The principal is a SHA-256 over repositories and credentials, each behind its length, so that no other set reads
    /// the same.
    public init(_ credentials: [RepositoryName: [RegistryCredential]]) {
        let present = credentials.filter { !$0.value.isEmpty }
        guard !present.isEmpty else {
            self = .shared
            return
        }
        var bytes: [UInt8] = []
        func append(_ text: String) {
            bytes += "\(text.utf8.count):".utf8
            bytes += text.utf8
        }
        for (repository, list) in present.sorted(by: { $0.key.description < $1.key.description }) {
            append(repository.description)
            append("\(list.count)")
            for credential in list {
                switch credential {
                case .basic(let username, let password):
                    append("basic")
                    append(username)
                    append(password)
                case .identityToken(let token):
                    append("identity")
                    append(token)
                case .accessToken(let token):
                    append("access")
                    append(token)
                }
            }
        }
        digest = Digest.of(bytes)
    }

    /// Who it is, as far as that may be told.
    public var description: String { digest == nil ? "the operator" : "a workload" }

    /// Shows nothing: the digest of a short password can be guessed.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
