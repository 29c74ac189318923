import JSONModel
import NotaryVerification

/// A trust policy document of notation, as a file.
struct NotationPolicyFile: Sendable {
    let file: InputFiles.File
    /// The folder whose `truststore` its statements refer to; `nil` where there is none.
    let stores: String?

    /// The names that notation gives its documents for images: versions of it disagree about which counts.
    static let imageNames = ["trustpolicy.oci.json", "trustpolicy.json"]
    static let blobName = "trustpolicy.blob.json"

    init(_ file: InputFiles.File, stores: String?) {
        self.file = file
        self.stores = stores.flatMap {
            BoundedFile.kindFollowingLinks(of: "\($0)/truststore") == .folder ? $0 : nil
        }
    }

    /// What the document decides about, by its name.
    var kind: NotationConfiguration.Kind { Self.name(of: file.name) == Self.blobName ? .blobs : .images }

    /// Whether `folder` is a configuration folder of notation.
    static func isFolder(_ folder: String) -> Bool {
        BoundedFile.kindFollowingLinks(of: folder) == .folder && !paths(in: folder).isEmpty
    }

    /// The documents of a configuration folder.
    static func paths(in folder: String) -> [String] {
        (imageNames + [blobName]).map { "\(folder)/\($0)" }.filter { BoundedFile.kind(of: $0) != .missing }
    }

    /// What is wrong with the documents of a configuration folder taken together; `nil` where nothing is.
    static func ambiguity(in folder: String) -> InputError? {
        guard imageNames.allSatisfy({ BoundedFile.kind(of: "\(folder)/\($0)") != .missing }) else { return nil }
        return InputError(
            at: InputError.Site(file: folder),
            "holds both \(imageNames.joined(separator: " and ")), and versions of notation disagree about which counts; "
                + "keep one"
        )
    }

    /// Whether a file is such a document: by its name, or by its content.
    static func isDocument(_ file: InputFiles.File) -> Bool {
        let name = name(of: file.name)
        if imageNames.contains(name) || name == blobName { return true }
        let text = DocumentReader.withoutByteOrderMark(file.bytes)
        guard let first = text.first(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }), first == UInt8(ascii: "{")
        else { return false }
        let parser = JSONParser(duplicateKeys: .lastWins)
        guard let object = (try? parser.parse(text))?.object else { return false }
        return object["trustPolicies"] != nil && object["kind"] == nil
    }

    /// The folder that a file lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
