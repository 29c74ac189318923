public import OCIModel

/// A tag that leads to another image than the one that runs by it.
public struct MovedTag: Sendable, Hashable {
    /// Where it is.
    public let repository: RepositoryName
    /// The tag.
    public let tag: String
    /// What it leads to now.
    public let target: Digest

    /// Describes it.
    public init(repository: RepositoryName, tag: String, target: Digest) {
        self.repository = repository
        self.tag = tag
        self.target = target
    }

    /// For people.
    var clause: String { "\(repository):\(tag) leads to \(target)" }
}
