/// What is held of one image.
public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every policy that speaks for the image is satisfied.
    case trusted = "Trusted"
    /// Somebody entitled to say so no longer supports the image.
    case unsupported = "Unsupported"
    /// Nobody trusted has vouched for the image, or nobody could be asked.
    case unknown = "Unknown"
    /// There is evidence against the image.
    case untrusted = "Untrusted"

    private var severity: Int {
        switch self {
        case .trusted: 0
        case .unsupported: 1
        case .unknown: 2
        case .untrusted: 3
        }
    }
}

extension Verdict: Comparable {
    /// Orders by severity: the worst verdict is the greatest (Untrusted, then Unknown, Unsupported, Trusted).
    public static func < (left: Verdict, right: Verdict) -> Bool { left.severity < right.severity }
}
