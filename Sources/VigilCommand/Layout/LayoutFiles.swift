import FoundationEssentials
import OCIModel

/// The files of an OCI image layout (image-spec, image-layout.md), which whoever made it may have made up.
///
/// Names are made of digests that were read strictly, so that none leads elsewhere; nothing behind a symbolic link and
/// nothing but regular files is read.
struct LayoutFiles: Sendable {
    /// Why a file was not read.
    enum Failure: Error, Sendable, Hashable {
        case missing
        case tooLarge(Int)
        /// It is something else than a file that may be read.
        case unreadable(String)
    }

    /// The folder.
    let path: String

    /// The bytes of a blob, which are not compared with its digest.
    ///
    /// - Throws: ``Failure``.
    func blob(_ digest: Digest, limit: Int) throws(Failure) -> [UInt8] {
        for folder in ["blobs", "blobs/\(digest.algorithm.rawValue)"] {
            switch BoundedFile.kind(of: "\(path)/\(folder)") {
            case .folder: continue
            case .missing: throw .missing
            default: throw .unreadable("\(folder) is no folder")
            }
        }
        return try read("blobs/\(digest.algorithm.rawValue)/\(digest.hex)", limit: limit)
    }

    /// The bytes of a file in the folder.
    ///
    /// - Throws: ``Failure``.
    func read(_ name: String, limit: Int) throws(Failure) -> [UInt8] {
        let file = "\(path)/\(name)"
        switch BoundedFile.kind(of: file) {
        case .regular: break
        case .missing: throw .missing
        case .symbolicLink: throw .unreadable("\(name) is a symbolic link, which is not followed here")
        default: throw .unreadable("\(name) is no regular file")
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size]) as? Int
        if let size, size > limit { throw .tooLarge(limit) }
        do throws(InputError) {
            return try BoundedFile.read(file, limit: limit, followsLinks: false)
        } catch {
            throw .unreadable(error.message)
        }
    }
}
