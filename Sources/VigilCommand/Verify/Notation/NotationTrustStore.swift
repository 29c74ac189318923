import NotaryVerification
import TrustModel

/// A trust store of a notation folder: `truststore/x509/TYPE/NAME`, in which every entry has to be a regular file of
/// certificates (trust store specification, "Trust Store").
enum NotationTrustStore {
    /// The most files in one trust store.
    static let maximumFiles = 1000

    /// Reads the store that `reference` names.
    ///
    /// - Parameters:
    ///   - reference: which store.
    ///   - folder: the configuration folder of notation.
    ///   - statement: the name of the statement that needs it, for messages.
    /// - Returns: the store.
    /// - Throws: ``InputError`` when it is missing or anything in it cannot be used.
    static func read(
        _ reference: NotationPolicyStatement.StoreReference,
        in folder: String,
        neededBy statement: String
    ) throws(InputError) -> TrustStore {
        try store(reference, of: try files(of: reference, in: folder, neededBy: statement))
    }

    /// The files of the store that `reference` names, in the order of their names.
    ///
    /// - Throws: ``InputError`` when it is missing, or holds anything but files.
    static func files(
        of reference: NotationPolicyStatement.StoreReference,
        in folder: String,
        neededBy statement: String
    ) throws(InputError) -> [InputFiles.File] {
        let path = "\(folder)/truststore/x509/\(reference.kind.rawValue)/\(reference.name)"
        var files: [InputFiles.File] = []
        for name in try entries(path, neededBy: statement) {
            let file = "\(path)/\(name)"
            switch BoundedFile.kind(of: file) {
            case .regular: break
            case .symbolicLink: throw InputError("\(file): is a symbolic link; certificates must be regular files")
            case .folder: throw InputError("\(file): is a folder; a trust store holds certificate files only")
            case .missing, .other: throw InputError("\(file): is no regular file, as certificates must be")
            }
            let bytes = try BoundedFile.read(file, limit: InputLimits.certificateBytes, followsLinks: false)
            files.append(InputFiles.File(name: file, bytes: bytes, isNamed: false))
        }
        return files
    }

    /// The store that is made of `files`.
    ///
    /// - Throws: ``InputError`` naming the file in which something cannot be used.
    static func store(
        _ reference: NotationPolicyStatement.StoreReference,
        of files: [InputFiles.File]
    ) throws(InputError) -> TrustStore {
        var certificates: [[UInt8]] = []
        for file in files {
            do throws(NotaryPolicyError) {
                certificates += try TrustStoreCertificates.parse(file.bytes, kind: reference.kind, field: file.name)
            } catch {
                throw InputError("\(file.name): \(error.message)")
            }
        }
        return TrustStore(kind: reference.kind, name: reference.name, certificates: certificates)
    }

    private static func entries(_ path: String, neededBy statement: String) throws(InputError) -> [String] {
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
        guard names.count <= maximumFiles else {
            throw InputError("\(path): this trust store holds more than \(maximumFiles) files")
        }
        return names
    }
}
