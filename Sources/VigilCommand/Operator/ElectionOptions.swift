import ArgumentParser
import KubernetesAPI
import KubernetesRuntime
import TrustResources

/// The flags that say whether and how a leader is elected.
struct ElectionOptions: ParsableArguments {
    @Option(help: "The namespace of the Lease; by default the operator's own.")
    var leaseNamespace: String?

    @Option(help: "The name of the Lease. Operators that watch the same must share it.")
    var leaseName = "vigil"

    @Option(help: "This process's name in the election, never that of another; by default host name and a random part.")
    var identity: String?

    @Flag(inversion: .prefixedNo, help: "Elect a leader before working. Without it, run a single replica.")
    var leaderElection = true

    @Option(help: "How long a standby waits for a leader that is silent before it takes over.")
    var leaseDuration = "15s"

    @Option(help: "How long a leader that cannot renew its lease goes on writing; less than --lease-duration.")
    var renewDeadline = "10s"

    @Option(help: "The pace of renewals and of attempts to lead; less than --renew-deadline / 1.2.")
    var retryPeriod = "2s"

    /// The election of a process that is called `identity`.
    ///
    /// - Throws: `ValidationError` naming the flag that cannot be used, and why.
    func configuration(identity: String) throws -> LeaderElectionConfiguration {
        try Self.configuration(
            identity: identity,
            leaseDuration: leaseDuration,
            renewDeadline: renewDeadline,
            retryPeriod: retryPeriod
        )
    }

    /// The same, from the texts of the flags.
    static func configuration(
        identity: String,
        leaseDuration: String,
        renewDeadline: String,
        retryPeriod: String
    ) throws -> LeaderElectionConfiguration {
        let lease = try duration(leaseDuration, "--lease-duration")
        let deadline = try duration(renewDeadline, "--renew-deadline")
        let pace = try duration(retryPeriod, "--retry-period")
        do throws(LeaderElectionError) {
            return try LeaderElectionConfiguration(
                identity: identity,
                leaseDuration: lease,
                renewDeadline: deadline,
                retryPeriod: pace
            )
        } catch {
            throw ValidationError("--lease-duration, --renew-deadline, --retry-period: \(error.message)")
        }
    }

    private static func duration(_ text: String, _ flag: String) throws -> Duration {
        try DurationText.value(of: flag, text, atLeast: .milliseconds(10))
    }
}
