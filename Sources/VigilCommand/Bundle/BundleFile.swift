import FoundationEssentials
import ImageTrust
import OCIModel

/// Bundles of evidence in files.
enum BundleFile {
    /// Reads a bundle that was made before `now`.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - now: the present; nothing can have been recorded after it.
    /// - Returns: the bundle; nothing in it is proven.
    /// - Throws: ``InputError`` naming the file.
    static func read(_ path: String, now: Date) throws(InputError) -> EvidenceBundle {
        let bytes = try BoundedFile.read(path, limit: EvidenceBundle.limits.maximumBytes)
        let bundle: EvidenceBundle
        do throws(BundleError) {
            bundle = try EvidenceBundle(reading: bytes)
        } catch {
            throw InputError("\(path): \(error.message)")
        }
        guard bundle.judgedAt <= now.addingTimeInterval(clockSkew) else {
            throw InputError(
                "\(path): says that it was made at \(bundle.judgedAt.formatted(.iso8601)), which is in the future; nobody can "
                    + "have recorded that, or the clock of this machine is wrong"
            )
        }
        return bundle
    }

    /// How far the clocks of two machines may be apart, in seconds.
    static let clockSkew: TimeInterval = 300

    /// Writes a bundle; a file of that name, or the one that a link of that name leads to, is replaced by the whole of it,
    /// or stays as it is.
    ///
    /// - Parameters:
    ///   - bundle: the bundle.
    ///   - path: the file.
    /// - Throws: ``InputError`` naming the file.
    static func write(_ bundle: EvidenceBundle, to path: String) throws(InputError) {
        let bytes: [UInt8]
        do throws(BundleError) {
            bytes = try bundle.archive().bytes
        } catch {
            throw InputError("\(path): cannot be written: \(error.message)")
        }
        switch BoundedFile.kindFollowingLinks(of: path) {
        case .regular, .missing: break
        // Replacing one of these would take it away from everybody else.
        case .folder, .symbolicLink, .other:
            throw InputError("\(path): cannot be written: it is no regular file; name another")
        }
        do {
            try Data(bytes).write(to: URL(filePath: path).resolvingSymlinksInPath(), options: .atomic)
        } catch {
            throw InputError("\(path): cannot be written; check that its folder exists and may be written to")
        }
    }
}
