public import FoundationEssentials
public import OCIModel

/// Where an authority's word comes from.
public enum TrustSource: Sendable, Hashable {
    /// Notary Project signatures in the image's registry.
    case notary(NotaryTrust)
}

/// One source of trust named in a policy.
public struct Authority: Sendable, Hashable {
    /// The name, unique in its policy.
    public let name: String
    /// Where its word comes from.
    public let source: TrustSource

    /// Creates an authority.
    public init(name: String, source: TrustSource) {
        self.name = name
        self.source = source
    }
}

/// An entry in a policy that settles a digest by hand.
public struct Decision: Sendable, Hashable {
    /// The digest it settles.
    public let digest: Digest
    /// ``Verdict/untrusted`` or ``Verdict/unsupported``; a decision never makes an image trusted.
    public let verdict: Verdict
    /// Why, in the author's words.
    public let reason: String
    /// When the decision ends; `nil`: never.
    public let expires: Date?

    /// Creates a decision.
    ///
    /// Any verdict other than ``Verdict/unsupported`` settles as ``Verdict/untrusted``.
    public init(digest: Digest, verdict: Verdict, reason: String, expires: Date? = nil) {
        self.digest = digest
        self.verdict = verdict == .unsupported ? .unsupported : .untrusted
        self.reason = reason
        self.expires = expires
    }

    /// Whether the decision holds at `now`.
    public func isInForce(at now: Date) -> Bool { expires.map { now < $0 } ?? true }
}

/// How many of a policy's authorities must vouch.
public enum Requirement: Sendable, Hashable {
    case any
    case all
    /// At least this many, 1 or more.
    case atLeast(Int)

    /// The number of authorities out of `count` that must vouch.
    ///
    /// Never zero: nothing is trusted by nobody's word.
    public func threshold(of count: Int) -> Int {
        switch self {
        case .any: 1
        case .all: max(1, count)
        case .atLeast(let number): max(1, number)
        }
    }
}

/// What people declared about the images they run, ready to be applied: anchors read, names resolved, defaults filled in.
public struct Policy: Sendable, Hashable {
    /// Which policy this is.
    public let name: PolicyName
    /// The images it speaks for.
    public let scope: ImageScope
    /// The sources of trust.
    public let authorities: [Authority]
    /// How many of them must vouch.
    public let require: Requirement
    /// Digests settled by hand.
    public let decisions: [Decision]

    /// Creates a policy.
    public init(
        name: PolicyName,
        scope: ImageScope = ImageScope(),
        authorities: [Authority],
        require: Requirement = .any,
        decisions: [Decision] = []
    ) {
        self.name = name
        self.scope = scope
        self.authorities = authorities
        self.require = require
        self.decisions = decisions
    }
}
