public import OCIModel
public import TrustModel

/// One image as a container runtime reports it: what identifies it, and where it was pulled from.
public struct RunningImage: Sendable, Hashable {
    /// What is known of the image's identity.
    public enum Identity: Sendable, Hashable {
        /// It came from a repository and has a digest there.
        case inRegistry(ImageReference)
        /// It cannot be looked up anywhere; the reason is ``Reason/notInRegistry`` or ``Reason/referenceInvalid``.
        case unidentified(Reason, message: String)
    }

    /// The identity.
    public let identity: Identity
    /// The reference as the pod writes it; for messages and as a key where there is no digest.
    public let written: String
    /// The tag by which the pod asks for it, where it does.
    public let tag: String?
    /// The tag that a pod started anew would follow: the one it asks for, or `latest`; `nil` where it asks for a digest.
    public let followedTag: String?
    /// The digest by which the pod asks for it, where that is not the running one: it may be an index that lists it.
    public let index: Digest?

    /// The longest image ID or reference that is looked at, in bytes.
    private static let maximumLength = 4096

    /// Reads what the kubelet reports of a container.
    ///
    /// The forms differ between runtimes: `host/repository@sha256:…` (containerd, CRI-O), the same behind
    /// `docker-pullable://` (dockershim and cri-dockerd), and a bare `sha256:…`, `docker://sha256:…` or 64 hexadecimal
    /// digits for an image without a repository digest, which was loaded or built on the node.
    ///
    /// The repository asked is the one the pod names, because a runtime that knows one digest under several names reports
    /// any of them; only where the pod's reference cannot be read is the reported one used.
    ///
    /// - Returns: `nil` while the runtime reports no image ID, as before the image is pulled.
    public init?(image: String?, imageID: String?) {
        guard let imageID, !imageID.isEmpty else { return nil }
        self.written = image.flatMap { $0.isEmpty ? nil : $0 } ?? imageID
        let declared = image.flatMap { try? ImageReference($0) }
        self.tag = declared?.tag
        self.followedTag = declared.flatMap { $0.digest == nil ? $0.tagOrLatest : nil }
        let identity = Self.identity(imageID: imageID, declared: declared)
        self.identity = identity
        if case .inRegistry(let running) = identity, let digest = declared?.digest, digest != running.digest {
            self.index = digest
        } else {
            self.index = nil
        }
    }

    private static func identity(imageID: String, declared: ImageReference?) -> Identity {
        guard imageID.utf8.count <= maximumLength else {
            return .unidentified(.referenceInvalid, message: "the image ID is longer than \(maximumLength) bytes")
        }
        var text = Substring(imageID)
        for prefix in ["docker-pullable://", "docker://", "containerd://", "cri-o://"] where text.hasPrefix(prefix) {
            text = text.dropFirst(prefix.utf8.count)
        }
        if isImageConfiguration(text) {
            return .unidentified(
                .notInRegistry,
                message: "image ID \(text.prefix(80)) names no repository: the image was loaded or built on the node"
            )
        }
        do throws(OCIError) {
            let reported = try ImageReference(String(text))
            guard let digest = reported.digest else {
                return .unidentified(
                    .notInRegistry,
                    message: "image ID \(text.prefix(120)) has no digest: the image is not from a registry"
                )
            }
            return .inRegistry(
                ImageReference(
                    repository: declared?.repository ?? reported.repository,
                    tag: declared.flatMap { $0.digest == nil ? $0.tagOrLatest : $0.tag },
                    digest: digest
                )
            )
        } catch {
            return .unidentified(.referenceInvalid, message: "image ID cannot be read: \(error.message)")
        }
    }

    /// Whether `text` is the digest of an image's configuration, with or without its algorithm.
    private static func isImageConfiguration(_ text: Substring) -> Bool {
        if (try? Digest(String(text))) != nil { return true }
        return (try? Digest("sha256:\(text)")) != nil
    }
}
