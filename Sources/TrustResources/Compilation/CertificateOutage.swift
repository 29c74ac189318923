public import FoundationEssentials
import KubernetesAPI

/// Certificates that count although they could not be read again.
public struct CertificateOutage: Sendable, Hashable, CustomStringConvertible {
    /// When they were read last.
    public var readAt: Date
    /// Until when they count without being read.
    public var until: Date
    /// Why they cannot be read.
    public var cause: String

    /// Describes an outage.
    public init(readAt: Date, until: Date, cause: String) {
        self.readAt = readAt
        self.until = until
        self.cause = cause
    }

    /// A clause for people, which stays the same for as long as the outage does.
    public var description: String {
        "could not be read since \(KubernetesTime(readAt)) and counts as it was then, until \(KubernetesTime(until)): "
            + cause
    }
}
