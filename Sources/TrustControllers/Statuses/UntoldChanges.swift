import KubernetesAPI
import Synchronization

/// What people were last told of objects while nobody knows whether a write of their status was carried out.
///
/// A write whose answer was lost may show only in the object, later, where it looks like something that was always so.
/// Whoever tells of changes compares with what this remembers, so that none goes untold.
final class UntoldChanges<Status: Sendable>: Sendable {
    private let statuses = Mutex<[ObjectKey: Status?]>([:])

    /// How many objects are remembered.
    var count: Int { statuses.withLock { $0.count } }

    /// The status that people were last told of, or know from the object.
    ///
    /// - Parameters:
    ///   - key: the object.
    ///   - present: the status in the object.
    /// - Returns: what was told before the write whose outcome is unknown; otherwise `present`.
    func lastTold(_ key: ObjectKey, present: Status?) -> Status? { statuses.withLock { $0[key] } ?? present }

    /// Whether it is not known what became of a write of an object.
    func remembers(_ key: ObjectKey) -> Bool { statuses.withLock { $0[key] != nil } }

    /// Remembers what was told before a write, until ``end(_:)``.
    func begin(_ key: ObjectKey, told status: Status?) { statuses.withLock { _ = $0.updateValue(status, forKey: key) } }

    /// People were told, or the object is gone.
    func end(_ key: ObjectKey) { statuses.withLock { _ = $0.removeValue(forKey: key) } }
}
