import OCIModel

/// An image in an OCI image layout on disk, as the command line names it: `DIR`, `DIR:tag` or `DIR@digest`.
///
/// As `oras` and `notation --oci-layout` write it.
struct LayoutReference: Sendable, Hashable {
    /// The folder.
    let path: String
    /// What it is called in there.
    let tag: String?
    let digest: Digest?

    /// Reads a reference.
    ///
    /// - Throws: ``InputError`` when what follows the folder is neither tag nor digest.
    init(_ text: String) throws(InputError) {
        let name = text.lastIndex(of: "/").map { text[text.index(after: $0)...] } ?? text[...]
        if let at = name.lastIndex(of: "@") {
            do throws(OCIError) {
                digest = try Digest(String(name[name.index(after: at)...]))
            } catch {
                throw InputError("--oci-layout: \(error.message)")
            }
            path = String(text[..<at])
            tag = nil
        } else if let colon = name.lastIndex(of: ":") {
            path = String(text[..<colon])
            tag = String(name[name.index(after: colon)...])
            digest = nil
        } else {
            (path, tag, digest) = (text, nil, nil)
        }
        guard !path.isEmpty else {
            throw InputError("--oci-layout: \"\(text.prefix(120))\" names no folder; write DIR, DIR:tag or DIR@digest")
        }
    }

    /// The image as one of `repository`.
    ///
    /// - Throws: ``InputError`` when the tag is none.
    func image(in repository: RepositoryName) throws(InputError) -> ImageReference {
        guard let tag else { return ImageReference(repository: repository, digest: digest) }
        guard let named = try? ImageReference("\(repository):\(tag)"), named.tag == tag else {
            throw InputError("--oci-layout: \"\(tag.prefix(140))\" is no tag")
        }
        return named
    }
}
