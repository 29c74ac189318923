public import FoundationEssentials
import KubernetesAPI
import TrustModel

/// When the running images that a policy speaks for stop being trusted by the mere passing of time.
///
/// The moments are those of ``VerdictForecast``: revocation cannot be foreseen. A gate that a person made runs nothing,
/// and does not count.
public struct PolicyLapses: Sendable, Hashable {
    /// How far ahead one looks.
    public enum Horizon: String, Sendable, Hashable, CaseIterable {
        case week = "7d"
        case month = "30d"

        /// The length.
        public var duration: Duration {
            switch self {
            case .week: .seconds(7 * 86_400)
            case .month: .seconds(30 * 86_400)
            }
        }
    }

    /// The moments, the first first; one that has passed is that of an image which was not looked at since.
    public let moments: [Date]

    /// Looks for trusted images whose findings name a policy.
    ///
    /// - Parameters:
    ///   - policy: the policy, as findings write it.
    ///   - verifications: the images; those of others are left out.
    public init(of policy: String, in verifications: some Sequence<ImageVerification>) {
        moments = verifications.compactMap { verification -> Date? in
            guard verification.isOfRunningImage, let status = verification.status, status.verdict == .trusted,
                status.findings?.contains(where: { $0.policy == policy }) == true
            else { return nil }
            return status.validUntil?.date
        }
        .sorted()
    }

    /// The first moment; `nil` if no image lapses by itself.
    public var first: Date? { moments.first }

    /// How many images lapse within a horizon from `now` on, those that already did included.
    public func count(within horizon: Horizon, of now: Date) -> Int {
        let end = now.addingTimeInterval(Double(horizon.duration.components.seconds))
        return moments.prefix { $0 <= end }.count
    }
}
