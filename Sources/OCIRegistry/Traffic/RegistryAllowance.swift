internal import OutboundHTTP

/// How much a registry may be asked: what it publishes, or a cautious guess.
public struct RegistryAllowance: Sendable, Hashable {
    /// So many at once, and so many per second from then on.
    public struct Rate: Sendable, Hashable {
        /// How many at once.
        public var burst: Double
        /// How many per second.
        public var perSecond: Double

        /// Creates a rate.
        public init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    /// Requests of every kind; `nil` for as many as are wanted.
    public var requests: Rate?
    /// Manifests that are fetched by GET, where the registry counts those; `nil` where it does not.
    public var pulls: Rate?
    /// Whether the registry says in each answer how many pulls are left (`ratelimit-limit`, `ratelimit-remaining`), so
    /// that one without these fields did not count.
    public var announcesPulls = false
    /// Whether each account has an allowance of its own.
    public var isPerCredential = false

    /// Creates an allowance; without arguments, one without limits.
    public init(requests: Rate? = nil, pulls: Rate? = nil) {
        self.requests = requests
        self.pulls = pulls
    }

    /// What is asked of a registry that publishes nothing, or is not known: 50 requests per second, 500 at once.
    public static let usual = RegistryAllowance(requests: Rate(burst: 500, perSecond: 50))

    /// The allowance for a host.
    ///
    /// Hosts of the own network (see ``isLocal(_:)``) have no limit but the number of requests under way. The others, each
    /// with the page that says so:
    /// - Docker Hub: 100 pulls in six hours for each address or account that pays nothing, counted on GET of a manifest
    ///   and not on HEAD (docs.docker.com/docker-hub/usage/pulls/). Where an account has more, its answers say so.
    /// - Amazon ECR Public: one pull per second without an account
    ///   (docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html).
    /// - Amazon ECR: 1,000 `BatchGetImage` per second and more (docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html).
    /// - Azure: 1,000 reads per minute in the lowest tier
    ///   (learn.microsoft.com/azure/container-registry/container-registry-skus).
    /// - Google: 60,000 requests per minute (cloud.google.com/artifact-registry/quotas).
    /// - Quay.io: "a few requests per second" and some burst, for each address (access.redhat.com/solutions/6218921).
    ///
    /// GitHub publishes no figure for ghcr.io; it is treated as ``usual``.
    ///
    /// - Parameters:
    ///   - host: the host that is asked, with its port where that is not 443.
    ///   - share: which part of it is taken, 0 to 1: the nodes of a cluster pull through the same address.
    /// - Returns: the allowance.
    public static func published(for host: String, share: Double = 1) -> RegistryAllowance {
        let name = Self.name(host)
        if isLocal(name) { return RegistryAllowance() }
        var allowance = known(name)
        let share = min(1, max(0.01, share))
        allowance.requests?.perSecond *= share
        allowance.pulls?.perSecond *= share
        allowance.pulls?.burst *= share
        return allowance
    }

    private static func known(_ name: String) -> RegistryAllowance {
        var allowance = usual
        switch name {
        case "registry-1.docker.io":
            allowance.pulls = Rate(burst: 100, perSecond: 100 / 21_600)
            allowance.announcesPulls = true
            allowance.isPerCredential = true
        case "public.ecr.aws":
            allowance.pulls = Rate(burst: 10, perSecond: 1)
        case "quay.io":
            allowance.requests = Rate(burst: 50, perSecond: 5)
        default:
            let labels = name.split(separator: ".")
            if ["azurecr.io", "azurecr.us", "azurecr.cn"].contains(labels.suffix(2).joined(separator: ".")) {
                allowance.requests = Rate(burst: 200, perSecond: 1000 / 60)
            } else if name == "gcr.io" || name.hasSuffix(".gcr.io") || name.hasSuffix(".pkg.dev") {
                allowance.requests = Rate(burst: 1000, perSecond: 1000)
            } else if labels.contains("ecr"), name.hasSuffix(".amazonaws.com") || name.hasSuffix(".amazonaws.com.cn") {
                allowance.requests = Rate(burst: 1000, perSecond: 1000)
            }
        }
        return allowance
    }

    /// Whether a host says by its name that it is in the own network: an address for private use, `localhost`, a name of
    /// one label, or one below `.local` (RFC 6762), `.internal` (reserved by ICANN for it), `.svc` or `.localhost`.
    static func isLocal(_ host: String) -> Bool {
        if let address = IPAddress(host) { return address.isInternal }
        return !host.contains(".")
            || [".local", ".internal", ".svc", ".localhost"].contains { host.hasSuffix($0) }
    }

    /// The host without its port and brackets, in lower case.
    private static func name(_ host: String) -> String {
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" }).lowercased()
    }
}
