/// A Notation trust policy document (`trustpolicy.oci.json` or `trustpolicy.json`, version 1.0), checked against every rule of
/// the trust policy specification.
public struct NotationConfiguration: Sendable, Hashable {
    /// What a document decides about.
    public enum Kind: Sendable, Hashable {
        /// Images in registries: `trustpolicy.oci.json`, or the older `trustpolicy.json`.
        case images
        /// Files outside registries: `trustpolicy.blob.json`.
        case blobs
    }

    /// What was found in a document.
    public struct Examination: Sendable, Hashable {
        /// The statements in which nothing is wrong, by their place in `trustPolicies`.
        public let statements: [Int: NotationPolicyStatement]
        /// Everything that is wrong, in the order of the document; 64 problems at most.
        public let problems: [NotaryPolicyError]
    }

    /// The statements, in the order of the document.
    public let statements: [NotationPolicyStatement]

    /// Reads and checks a document that decides about images.
    ///
    /// Unknown and repeated members are refused, so that a misspelt one cannot weaken a policy.
    ///
    /// - Throws: ``NotaryPolicyError`` for the first rule that is broken.
    public init(parsing bytes: [UInt8]) throws(NotaryPolicyError) {
        let document = NotationDocument(bytes, kind: .images)
        if let problem = document.problems.first { throw problem }
        statements = document.statements.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Looks for everything that is wrong with a document.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - kind: what it decides about.
    /// - Returns: the good statements, and what is wrong with the others.
    public static func examine(_ bytes: [UInt8], as kind: Kind = .images) -> Examination {
        let document = NotationDocument(bytes, kind: kind)
        return Examination(statements: document.statements, problems: document.problems)
    }

    /// The statement that speaks for a repository: the one that names it exactly, else the one for `*`.
    ///
    /// Nothing is expanded or normalised: `docker.io` and `index.docker.io` are different registries here.
    ///
    /// - Parameter name: registry and repository as they were written, without tag and digest.
    /// - Returns: the statement; `nil` if none speaks.
    public func statement(for name: String) -> NotationPolicyStatement? {
        statements.first { $0.registryScopes.contains(name) } ?? statements.first { $0.registryScopes == ["*"] }
    }
}
