import FoundationEssentials

/// Where results come from: copies of what the API holds, as every replica has them.
public protocol ResultsSource: Sendable {
    /// What the copies hold now; `nil` until they are complete, since half a cluster would look like a loss.
    ///
    /// Equal revisions mean equal results. Read before the results, it never passes older ones off as newer.
    var revision: ResultsRevision? { get }
    /// Everything that is known now.
    func snapshot() -> ResultsSnapshot
    /// What runs now, in order of namespace and pod.
    func containers() -> [RunningContainer]
}

/// How far several copies have come, in this process.
public struct ResultsRevision: Sendable, Hashable {
    private let counts: [UInt64]
    /// Whether the API server was heard of lately, so that the copies can be believed.
    public let isCurrent: Bool

    /// Puts together the revisions of the copies, always in the same order.
    public init(_ counts: [UInt64], isCurrent: Bool) {
        self.counts = counts
        self.isCurrent = isCurrent
    }
}

/// Everything that is known of images and policies at one moment.
public struct ResultsSnapshot: Sendable {
    /// Every image that runs or has an object, in no order.
    public let images: [ImageResult]
    /// The policies, in no order.
    public let policies: [VerdictForecast.PolicyEntry]

    /// Creates a snapshot.
    public init(images: [ImageResult], policies: [VerdictForecast.PolicyEntry]) {
        self.images = images
        self.policies = policies
    }

    /// What ends by the mere passing of time, however far ahead.
    ///
    /// - Parameter images: those that are of interest; by default all.
    /// - Returns: their ends, and those of all trust anchors.
    public func forecast(of images: [ImageResult]? = nil) -> VerdictForecast {
        VerdictForecast(
            verifications: (images ?? self.images).compactMap(\.verification),
            policies: policies,
            until: .distantFuture
        )
    }
}
