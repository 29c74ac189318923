public import OCIModel

/// A Notation trust policy document (`trustpolicy.oci.json` or `trustpolicy.json`, version 1.0), checked against every rule of
/// the trust policy specification.
public struct NotationConfiguration: Sendable, Hashable {
    /// The statements, in the order of the document.
    public let statements: [NotationPolicyStatement]

    /// Reads and checks a document.
    ///
    /// Unknown and repeated members are refused, so that a misspelt one cannot weaken a policy.
    ///
    /// - Throws: ``NotaryPolicyError`` for the first rule that is broken.
    public init(parsing bytes: [UInt8]) throws(NotaryPolicyError) {
        statements = try NotationDocument.statements(bytes)
    }

    /// The statement that speaks for a repository: the one that names it exactly, else the one for `*`.
    ///
    /// Nothing is expanded or normalised: `docker.io` and `index.docker.io` are different registries here.
    public func statement(for repository: RepositoryName) -> NotationPolicyStatement? {
        let name = repository.description
        return statements.first { $0.registryScopes.contains(name) } ?? statements.first { $0.registryScopes == ["*"] }
    }
}
