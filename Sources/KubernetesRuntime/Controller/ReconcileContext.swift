import FoundationEssentials
public import Logging

/// What a reconcile knows about itself.
public enum ReconcileContext {
    /// Identifies the reconcile that the current task belongs to; `nil` outside of one.
    ///
    /// A UUID, new for each attempt on a key.
    @TaskLocal public static var id: String?

    static func newID() -> String { UUID().uuidString.lowercased() }
}

extension Logger.MetadataProvider {
    /// Adds `reconcile.id` to everything that is logged within a reconcile, so that the lines of one attempt can be
    /// found together.
    public static let reconcile = Logger.MetadataProvider {
        ReconcileContext.id.map { ["reconcile.id": "\($0)"] } ?? [:]
    }
}
