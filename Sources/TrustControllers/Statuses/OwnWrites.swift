import KubernetesAPI
import Synchronization

/// The objects this process wrote last, until its informer has seen them: a controller that reads its own cache right
/// after writing must not work from the state before.
final class OwnWrites<Object: KubernetesObject>: Sendable {
    private let written = Mutex<[ObjectKey: Object]>([:])

    /// Remembers what the server returned for a write.
    func remember(_ object: Object) { written.withLock { $0[object.key] = object } }

    /// Forgets an object, as after deleting it.
    func forget(_ key: ObjectKey) { written.withLock { $0[key] = nil } }

    /// The newer of what the informer has and what was written.
    ///
    /// - Parameters:
    ///   - key: the object.
    ///   - informed: the informer's object; `nil` when it has none.
    /// - Returns: `nil` when neither has the object.
    func latest(_ key: ObjectKey, informed: Object?) -> Object? {
        written.withLock { written in
            guard let own = written[key] else { return informed }
            guard let informed else { return own }
            // Another uid: the object was deleted and made again, and what was written is history.
            let isSeen =
                informed.metadata.uid != own.metadata.uid
                || Self.isAtLeast(informed.metadata.resourceVersion, own.metadata.resourceVersion)
            guard isSeen else { return own }
            written[key] = nil
            return informed
        }
    }

    /// Whether `version` is not older than `other`.
    ///
    /// Resource versions are comparable decimal integers (KEP-5504); what is none counts as newer, so that a strange
    /// server is believed rather than ignored.
    private static func isAtLeast(_ version: String?, _ other: String?) -> Bool {
        guard let version = version.flatMap(UInt64.init), let other = other.flatMap(UInt64.init) else { return true }
        return version >= other
    }
}
