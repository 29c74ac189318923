/// What an archive may cost at most.
///
/// Looked at before anything is copied out of it.
public struct ArchiveLimits: Sendable, Hashable {
    /// The most bytes of the whole archive.
    public var maximumBytes: Int
    /// The most members.
    public var maximumMembers: Int
    /// The most bytes of one member.
    public var maximumMemberBytes: Int

    /// Creates limits.
    public init(maximumBytes: Int, maximumMembers: Int, maximumMemberBytes: Int) {
        self.maximumBytes = maximumBytes
        self.maximumMembers = maximumMembers
        self.maximumMemberBytes = maximumMemberBytes
    }
}
