public import KubernetesAPI
import KubernetesClient
import Synchronization

/// A copy that can say whether it has come as far as a write.
///
/// Whoever wrote an object and was told its new version can ask before the next decision whether the copy shows that
/// write, instead of acting on what the copy showed before it.
public protocol VersionedCache: Sendable {
    /// Whether the copy shows everything up to `version`, a version of the same resource.
    ///
    /// Bookmarks move a copy on too, so that this becomes true on a quiet resource within about a minute.
    ///
    /// - Parameters:
    ///   - version: the version that a write returned.
    ///   - namespace: the namespace that was written to; `nil` for cluster-scoped objects.
    /// - Returns: `false` also before the first synchronisation, and when `namespace` is outside what the copy holds.
    func hasSeen(_ version: ResourceVersion, inNamespace namespace: String?) -> Bool
}

extension Informer: VersionedCache {
    /// Whether this copy shows everything up to `version`.
    public func hasSeen(_ version: ResourceVersion) -> Bool {
        guard let seen = ResourceVersion(state.withLock { $0.status.resourceVersion }) else { return false }
        return seen >= version
    }

    /// Whether this copy shows everything up to `resourceVersion`, as an object's metadata writes it.
    ///
    /// - Returns: `false` when it cannot be compared; then nothing but the next event can tell.
    public func hasSeen(resourceVersion: String) -> Bool {
        ResourceVersion(resourceVersion).map { hasSeen($0) } ?? false
    }

    /// Whether this copy shows everything up to `version` in `namespace`.
    public func hasSeen(_ version: ResourceVersion, inNamespace namespace: String?) -> Bool {
        guard selection.namespace == nil || selection.namespace == namespace else { return false }
        return hasSeen(version)
    }
}
