import JSONModel
import TrustModel
import TrustResources

/// How many images there are, by verdict.
struct VerdictCounts: Sendable, Hashable {
    private var counts: [Verdict?: Int] = [:]
    /// How many of them could not be confirmed at the last attempt.
    private(set) var stale = 0
    /// All of them.
    private(set) var total = 0

    init() {}

    /// Counts `images`.
    init(_ images: some Sequence<ImageResult>) {
        for image in images { add(image) }
    }

    /// How many have a verdict, or none.
    subscript(verdict: Verdict?) -> Int { counts[verdict] ?? 0 }

    mutating func add(_ image: ImageResult) {
        counts[image.verdict, default: 0] += 1
        total += 1
        if image.isStale { stale += 1 }
    }

    /// The counts as members of an object.
    var json: [String: JSONValue] {
        [
            "total": JSONValue(total), "trusted": JSONValue(self[.trusted]), "untrusted": JSONValue(self[.untrusted]),
            "unsupported": JSONValue(self[.unsupported]), "unknown": JSONValue(self[.unknown]),
            "none": JSONValue(self[nil]), "stale": JSONValue(stale),
        ]
    }
}
