import ImageTrust
import NotaryVerification
import OCIModel
import TrustModel

/// The configuration folder of the `notation` tool as a source of policies, read as that tool reads it: one statement at
/// most speaks for an image, the one that names its repository exactly, else the one for `*`; only the trust stores of
/// statements in use are read (trust store specification, "Trust Store"; notation-go, `dir` and `truststore`).
struct NotationFolder: PolicySource {
    private let folder: String
    private let configuration: NotationConfiguration
    private var prepared: [String: PreparedPolicy] = [:]

    /// The policy files in order of preference.
    static let policyFiles = ["trustpolicy.oci.json", "trustpolicy.json"]
    /// The most files in one trust store.
    static let maximumFiles = 1000

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
        for name in Self.policyFiles {
            let path = "\(folder)/\(name)"
            switch BoundedFile.kind(of: path) {
            case .missing: continue
            case .regular: break
            case .symbolicLink: throw InputError("\(path): is a symbolic link; a trust policy must be a regular file")
            case .folder, .other: throw InputError("\(path): is no regular file, as a trust policy must be")
            }
            let bytes = try BoundedFile.read(path, limit: InputLimits.certificateBytes, followsLinks: false)
            do throws(NotaryPolicyError) {
                configuration = try NotationConfiguration(parsing: bytes)
            } catch {
                throw InputError("\(path), \(error.field): \(error.message)")
            }
            return
        }
        throw InputError(
            "\(folder): holds no trust policy; create \(Self.policyFiles[0]) there, or name policies with --policy"
        )
    }

    mutating func policies(
        for repository: RepositoryName?,
        in source: ImageSource?
    ) throws(InputError) -> [PreparedPolicy] {
        guard let repository, let statement = configuration.statement(for: repository) else { return [] }
        if let known = prepared[statement.name] { return [known] }
        var stores: [TrustStore] = []
        for reference in statement.trustStores { stores.append(try store(reference, statement: statement.name)) }
        let authority = Authority(name: statement.name, source: .notary(statement.trust(stores: stores)))
        let policy = Policy(name: PolicyName(kind: .notation, name: statement.name), authorities: [authority])
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

    /// Reads `truststore/x509/<kind>/<name>`: every entry has to be a regular file of certificates.
    private func store(
        _ reference: NotationPolicyStatement.StoreReference,
        statement: String
    ) throws(InputError) -> TrustStore {
        let path = "\(folder)/truststore/x509/\(reference.kind.rawValue)/\(reference.name)"
        switch BoundedFile.kind(of: path) {
        case .folder: break
        case .missing:
            throw InputError(
                "\(path): there is no such trust store, and statement \"\(statement)\" needs it; put its certificates there"
            )
        case .symbolicLink: throw InputError("\(path): is a symbolic link; a trust store must be a folder")
        case .regular, .other: throw InputError("\(path): is no folder, as a trust store must be")
        }
        let names = try InputFiles.entries(of: path)
        guard !names.isEmpty else { throw InputError("\(path): this trust store is empty; put certificates there") }
        guard names.count <= Self.maximumFiles else {
            throw InputError("\(path): this trust store holds more than \(Self.maximumFiles) files")
        }
        var certificates: [[UInt8]] = []
        for name in names {
            let file = "\(path)/\(name)"
            switch BoundedFile.kind(of: file) {
            case .regular: break
            case .symbolicLink: throw InputError("\(file): is a symbolic link; certificates must be regular files")
            case .folder: throw InputError("\(file): is a folder; a trust store holds certificate files only")
            case .missing, .other: throw InputError("\(file): is no regular file, as certificates must be")
            }
            let bytes = try BoundedFile.read(file, limit: InputLimits.certificateBytes, followsLinks: false)
            do throws(NotaryPolicyError) {
                certificates += try TrustStoreCertificates.parse(bytes, kind: reference.kind, field: name)
            } catch {
                throw InputError("\(file): \(error.message)")
            }
        }
        return TrustStore(kind: reference.kind, name: reference.name, certificates: certificates)
    }
}
