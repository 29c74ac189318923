public import KubernetesAPI
public import KubernetesClient
public import Logging
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
    ///   - logger: where changes of leadership are reported.
    ///   - leadershipLost: called at once when the lease is lost, before the services are cancelled.
    ///   - services: makes the services, which must write through the transport they are given and no other.
    public convenience init(
        client: APIClient,
        lease: ObjectKey,
        configuration: LeaderElectionConfiguration,
        writingThrough transport: any APITransport,
        logger: Logger = Logger(label: "kubernetes.election"),
        leadershipLost: @escaping @Sendable () -> Void = {},
        services: @escaping @Sendable (any APITransport) throws -> [any Service]
    ) {
        let gate = LateGate()
        self.init(
            client: client,
            lease: lease,
            configuration: configuration,
            logger: logger,
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
