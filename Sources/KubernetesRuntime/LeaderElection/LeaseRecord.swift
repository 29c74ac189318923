public import FoundationEssentials

/// What a Lease says about who leads (`coordination.k8s.io/v1` Lease `spec`).
public struct LeaseRecord: Sendable, Hashable {
    /// Who holds the lease; empty when nobody does.
    public var holderIdentity: String
    /// How long the holder may be silent before others take over, in seconds.
    public var leaseDurationSeconds: Int
    /// When the holder got the lease, by its own wall clock.
    ///
    /// For people to read; nothing is decided by it.
    public var acquireTime: Date?
    /// When the holder last renewed, by its own wall clock.
    ///
    /// Only that it *changed* matters.
    public var renewTime: Date?
    /// How often the lease went from one holder to another.
    public var leaseTransitions: Int

    /// Creates a record.
    public init(
        holderIdentity: String,
        leaseDurationSeconds: Int,
        acquireTime: Date?,
        renewTime: Date?,
        leaseTransitions: Int
    ) {
        self.holderIdentity = holderIdentity
        self.leaseDurationSeconds = leaseDurationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.leaseTransitions = leaseTransitions
    }
}

/// A record together with the version of the object it was read from.
public struct LeaseObservation: Sendable, Hashable {
    /// The record.
    public var record: LeaseRecord
    /// The Lease's `metadata.resourceVersion`.
    public var resourceVersion: String

    /// Creates an observation.
    public init(record: LeaseRecord, resourceVersion: String) {
        self.record = record
        self.resourceVersion = resourceVersion
    }
}
