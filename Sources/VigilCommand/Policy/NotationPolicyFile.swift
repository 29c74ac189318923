import JSONModel
import NotaryVerification

/// A trust policy document of notation, as a file.
struct NotationPolicyFile: Sendable {
    let file: InputFiles.File
    /// The folder whose `truststore` its statements refer to; `nil` where there is none.
    let stores: String?

    /// The names that notation gives its documents, the preferred ones first.
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

    /// The documents of a configuration folder; where both for images exist, notation reads the first alone.
    static func paths(in folder: String) -> [String] {
        let present = (imageNames + [blobName]).filter { BoundedFile.kind(of: "\(folder)/\($0)") != .missing }
        let images = present.first { imageNames.contains($0) }
        return present.filter { $0 == images || $0 == blobName }.map { "\(folder)/\($0)" }
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
