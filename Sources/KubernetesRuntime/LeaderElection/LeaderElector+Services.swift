public import FoundationEssentials
public import KubernetesAPI
public import KubernetesClient
public import Logging
public import Metrics
public import ServiceLifecycle
import Synchronization

extension LeaderElector {
    /// Creates an elector that runs services while it leads, and lets them write only then.
    ///
    /// The services are made when the lease is won. They are ended in reverse order, so that what reports for others
    /// comes first in the list; the lease is given back when all have ended.
    ///
    /// - Parameters:
    ///   - client: the way to the server for the Lease, with connections of its own.
    ///   - lease: namespace and name of the Lease.
    ///   - configuration: who stands, and at what pace.
    ///   - transport: the way to the server for the services; closed to writes unless this process leads.
    ///   - clock: decides everything; must go on while the machine is suspended, as `ContinuousClock` does.
    ///   - wallClock: fills in the times that people read.
    ///   - seed: decides the jitter.
    ///   - logger: where changes of leadership are reported.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    ///   - leadershipLost: called at once when the lease is lost, before the services are cancelled.
    ///   - services: makes the services, which must write through the transport they are given and no other.
    public convenience init(
        client: APIClient,
        lease: ObjectKey,
        configuration: LeaderElectionConfiguration,
        writingThrough transport: any APITransport,
        clock: any Clock<Duration> = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Date = { Date() },
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.election"),
        metricsFactory: (any MetricsFactory)? = nil,
        leadershipLost: @escaping @Sendable () -> Void = {},
        services: @escaping @Sendable (any APITransport) throws -> [any Service]
    ) {
        let gate = LateGate()
        self.init(
            client: client,
            lease: lease,
            configuration: configuration,
            clock: clock,
            wallClock: wallClock,
            seed: seed,
            logger: logger,
            metricsFactory: metricsFactory,
            leadershipLost: leadershipLost,
            whileLeading: {
                guard let gate = gate.value.withLock(\.self) else { return }
                let gated = LeadershipGatedTransport(transport, gate: gate)
                try await ServiceGroup(services: try services(gated), logger: logger).run()
            }
        )
        gate.value.withLock { $0 = self.gate }
    }
}

/// Hands the elector's gate to the work that the elector starts: each needs the other to be made.
private final class LateGate: Sendable {
    let value = Mutex<LeadershipGate?>(nil)
}
