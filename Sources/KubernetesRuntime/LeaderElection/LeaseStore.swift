import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Reads and writes one Lease, keeping what others put on it (labels, annotations).
final class LeaseStore: Sendable {
    let key: ObjectKey
    private let client: ResourceClient<Lease>
    private let last = Mutex<Lease?>(nil)

    init(client: APIClient, namespace: String, name: String) {
        // The election decides itself when to try again.
        self.client = ResourceClient(client.withoutRetries)
        key = ObjectKey(namespace: namespace, name: name)
    }

    func read() async throws -> LeaseObservation? {
        do {
            let lease = try await client.get(key.name, namespace: key.namespace)
            return remember(lease)
        } catch let error as APIError where error.code == .notFound {
            return nil
        }
    }

    func create(_ record: LeaseRecord) async throws -> LeaseObservation {
        let metadata = ObjectMeta(name: key.name, namespace: key.namespace)
        return remember(try await client.create(Lease(metadata: metadata, spec: Lease.Specification(record))))
    }

    func update(_ record: LeaseRecord, resourceVersion: String) async throws -> LeaseObservation {
        var lease = last.withLock { $0 } ?? Lease(metadata: ObjectMeta(name: key.name, namespace: key.namespace))
        lease.metadata.resourceVersion = resourceVersion
        lease.spec = Lease.Specification(record)
        return remember(try await client.replace(lease))
    }

    private func remember(_ lease: Lease) -> LeaseObservation {
        last.withLock { $0 = lease }
        return LeaseObservation(
            record: LeaseRecord(lease.spec),
            resourceVersion: lease.metadata.resourceVersion ?? ""
        )
    }
}

extension LeaseRecord {
    init(_ specification: Lease.Specification?) {
        self.init(
            holderIdentity: specification?.holderIdentity ?? "",
            leaseDurationSeconds: specification?.leaseDurationSeconds ?? 0,
            acquireTime: specification?.acquireTime?.date,
            renewTime: specification?.renewTime?.date,
            leaseTransitions: specification?.leaseTransitions ?? 0
        )
    }
}

extension Lease.Specification {
    init(_ record: LeaseRecord) {
        self.init(
            holderIdentity: record.holderIdentity,
            leaseDurationSeconds: record.leaseDurationSeconds,
            acquireTime: record.acquireTime.map { MicroTime($0) },
            renewTime: record.renewTime.map { MicroTime($0) },
            leaseTransitions: record.leaseTransitions
        )
    }
}
