import ImageTrust
import NotaryVerification
import OCIModel
import TrustModel

/// The configuration folder of the `notation` tool as a source of policies, read as that tool reads it: one statement at
/// most speaks for an image, the one that names its repository exactly, else the one for `*`; only the trust stores of
/// statements in use are read (trust store specification, "Trust Store"; notation-go, `dir` and `truststore`).
struct NotationFolder: PolicySource {
    private let folder: String
    private let document: [UInt8]
    /// The trust stores, where they are not in the folder but were given with the document.
    private let givenStores: [EvidenceBundle.TrustStoreFiles]?
    private let configuration: NotationConfiguration
    private var prepared: [String: PreparedPolicy] = [:]
    private var used: [EvidenceBundle.TrustStoreFiles] = []

    /// Reads the policy document of `folder`.
    ///
    /// - Throws: ``InputError`` when there is none, it is no regular file, or it breaks a rule.
    init(_ folder: String) throws(InputError) {
        self.folder = folder
        guard BoundedFile.kindFollowingLinks(of: folder) == .folder else {
            throw InputError(
                "\(folder): there is no such folder; --notation-config takes the folder that holds trustpolicy.json"
            )
        }
        for name in NotationPolicyFile.imageNames {
            let path = "\(folder)/\(name)"
            switch BoundedFile.kind(of: path) {
            case .missing: continue
            case .regular: break
            case .symbolicLink: throw InputError("\(path): is a symbolic link; a trust policy must be a regular file")
            case .folder, .other: throw InputError("\(path): is no regular file, as a trust policy must be")
            }
            if let ambiguity = NotationPolicyFile.ambiguity(in: folder) { throw ambiguity }
            document = try BoundedFile.read(path, limit: InputLimits.certificateBytes, followsLinks: false)
            givenStores = nil
            configuration = try Self.configuration(document, path)
            return
        }
        throw InputError(
            "\(folder): holds no trust policy; create \(NotationPolicyFile.imageNames[0]) there, or name policies with --policy"
        )
    }

    /// Takes a policy document and trust stores that are no files.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - stores: the trust stores.
    ///   - name: what stands for the folder in messages.
    /// - Throws: ``InputError`` when the document breaks a rule.
    init(document: [UInt8], stores: [EvidenceBundle.TrustStoreFiles], name: String) throws(InputError) {
        folder = name
        self.document = document
        givenStores = stores
        configuration = try Self.configuration(document, name)
    }

    private static func configuration(_ bytes: [UInt8], _ name: String) throws(InputError) -> NotationConfiguration {
        do throws(NotaryPolicyError) {
            return try NotationConfiguration(parsing: bytes)
        } catch {
            throw InputError("\(name), \(error.field): \(error.message)")
        }
    }

    var evidence: EvidenceBundle.Policies {
        .notation(
            document: document,
            stores: used.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
        )
    }

    mutating func policies(
        for repository: RepositoryName?,
        written name: String? = nil,
        in source: ImageSource?
    ) throws(InputError) -> [PreparedPolicy] {
        guard let statement = statement(for: repository, written: name) else { return [] }
        if let known = prepared[statement.name] { return [known] }
        var stores: [TrustStore] = []
        for reference in statement.trustStores {
            let files = try files(of: reference, neededBy: statement.name)
            stores.append(try NotationTrustStore.store(reference, of: files))
            if !used.contains(where: { $0.kind == reference.kind && $0.name == reference.name }) {
                used.append(
                    EvidenceBundle.TrustStoreFiles(
                        kind: reference.kind,
                        name: reference.name,
                        files: files.map(\.bytes)
                    )
                )
            }
        }
        let authority = Authority(name: statement.name, source: .notary(statement.trust(stores: stores)))
        let policy = Policy(
            name: PolicyName(kind: .notation, name: statement.name),
            scope: ImageScope(include: statement.registryScopes),
            authorities: [authority]
        )
        do throws(NotaryPolicyError) {
            let policy = try PreparedPolicy(policy)
            prepared[statement.name] = policy
            return [policy]
        } catch {
            throw InputError(
                "\(folder): statement \"\(statement.name)\" of the trust policy, \(error.field): \(error.message)"
            )
        }
    }

    private func files(
        of reference: NotationPolicyStatement.StoreReference,
        neededBy statement: String
    ) throws(InputError) -> [InputFiles.File] {
        guard let givenStores else {
            return try NotationTrustStore.files(of: reference, in: folder, neededBy: statement)
        }
        guard let store = givenStores.first(where: { $0.kind == reference.kind && $0.name == reference.name }) else {
            throw InputError("\(folder): there is no trust store \(reference), and statement \"\(statement)\" needs it")
        }
        return store.files.enumerated().map { index, bytes in
            InputFiles.File(
                name: "\(folder), file \(index + 1) of trust store \(reference)",
                bytes: bytes,
                isNamed: false
            )
        }
    }

    private func statement(for repository: RepositoryName?, written name: String?) -> NotationPolicyStatement? {
        repository.flatMap { configuration.statement(for: name ?? $0.description) }
    }

    func silences(
        about repository: RepositoryName?,
        written name: String? = nil,
        in source: ImageSource?
    ) -> [PolicySilence] {
        let chosen = statement(for: repository, written: name)
        let name = repository.map { name ?? $0.description }
        return configuration.statements.filter { $0.name != chosen?.name }.map { statement in
            PolicySilence(
                policy: PolicyName(kind: .notation, name: statement.name),
                cause: Self.cause(of: statement, about: name, chosen)
            )
        }
    }

    /// Why a statement does not speak for an image of this name, for which another one may have been chosen.
    private static func cause(
        of statement: NotationPolicyStatement,
        about name: String?,
        _ chosen: NotationPolicyStatement?
    ) -> String {
        guard let name else { return "the image's reference cannot be read" }
        if let chosen, statement.registryScopes == ["*"] {
            return "the statement \(chosen.name) names the repository itself, and speaks alone then"
        }
        let scopes = statement.registryScopes
        return
            "its scope is \(scopes.prefix(8).joined(separator: ", "))\(scopes.count > 8 ? ", …" : ""), and the image is "
            + "written \(name)"
    }
}
