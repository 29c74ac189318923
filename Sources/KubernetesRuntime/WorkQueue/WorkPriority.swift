/// How urgent the work on a key is; greater goes first.
///
/// Of four keys in a row above ``normal`` the last makes way for one of normal priority, if one waits.
public struct WorkPriority: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int

    /// Creates a priority.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// 0: what somebody has just changed.
    public static let normal = WorkPriority(rawValue: 0)
    /// −100, as in controller-runtime: what is looked at because the process has just started, or once in a while.
    ///
    /// It waits for everything of normal priority, but not for ever: see ``WorkQueueConfiguration/agingTime``.
    public static let low = WorkPriority(rawValue: -100)

    /// The number, as metrics carry it.
    public var description: String { String(rawValue) }

    /// Whether the left one is less urgent.
    public static func < (left: WorkPriority, right: WorkPriority) -> Bool { left.rawValue < right.rawValue }
}
