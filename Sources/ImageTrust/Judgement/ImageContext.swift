public import OCIModel

/// What is known about a running image besides its reference.
public struct ImageContext: Sendable, Hashable {
    /// The platform of the nodes that run it, where known.
    ///
    /// Without it, an index that is not signed itself needs a signature on every platform manifest it lists.
    public var platform: Platform?
    /// Digests by which those who run it ask for it: where another one runs, an index that lists that.
    public var indexes: Set<Digest>

    /// The most of ``indexes`` that are looked at.
    static let maximumIndexes = 4

    /// Describes an image of which nothing is known unless said.
    public init(platform: Platform? = nil, indexes: Set<Digest> = []) {
        self.platform = platform
        self.indexes = indexes
    }
}
