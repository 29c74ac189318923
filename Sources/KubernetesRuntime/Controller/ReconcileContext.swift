public import Logging
import Synchronization

/// What a reconcile knows about itself.
public enum ReconcileContext {
    /// Counts the reconciles of this process.
    private static let count = Atomic<UInt64>(0)
    /// Tells this process from others whose lines end up in the same place.
    private static let process = hexadecimal(UInt64.random(in: .min ... .max))

    @TaskLocal static var number: UInt64?

    /// Identifies the reconcile that the current task belongs to; `nil` outside of one.
    ///
    /// New for each attempt on a key: 16 hexadecimal digits for the process, a hyphen, and a count.
    public static var id: String? { number.map { "\(process)-\($0)" } }

    static func next() -> UInt64 { count.wrappingAdd(1, ordering: .relaxed).newValue }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Logger.MetadataProvider {
    /// Adds `reconcile.id` to everything that is logged within a reconcile, so that the lines of one attempt can be
    /// found together.
    public static let reconcile = Logger.MetadataProvider {
        ReconcileContext.id.map { ["reconcile.id": "\($0)"] } ?? [:]
    }
}
