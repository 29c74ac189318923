/// A Lease (`coordination.k8s.io/v1`): who leads.
public struct Lease: KubernetesObject, Hashable {
    /// `leases` in `coordination.k8s.io`.
    public static let resource = ResourceType(
        group: "coordination.k8s.io",
        version: "v1",
        plural: "leases",
        kind: "Lease",
        isNamespaced: true
    )

    /// `coordination.k8s.io/v1`.
    public var apiVersion = "coordination.k8s.io/v1"
    /// `Lease`.
    public var kind = "Lease"
    /// Metadata.
    public var metadata: ObjectMeta
    /// The record.
    public var spec: Specification?

    /// Creates a lease.
    public init(metadata: ObjectMeta, spec: Specification? = nil) {
        self.metadata = metadata
        self.spec = spec
    }

    private enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec }

    /// Reads a lease.
    ///
    /// - Throws: `DecodingError` when a member has the wrong type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
        spec = try container.decodeIfPresent(Specification.self, forKey: .spec)
    }

    /// The record.
    public struct Specification: Sendable, Hashable, Codable {
        /// Who holds the lease; empty when released.
        public var holderIdentity: String?
        /// How long it holds after the last renewal, in seconds.
        public var leaseDurationSeconds: Int?
        /// When the holder took it.
        public var acquireTime: MicroTime?
        /// When the holder last renewed it.
        public var renewTime: MicroTime?
        /// How often it changed hands.
        public var leaseTransitions: Int?

        /// Creates a record.
        public init(
            holderIdentity: String?,
            leaseDurationSeconds: Int?,
            acquireTime: MicroTime?,
            renewTime: MicroTime?,
            leaseTransitions: Int?
        ) {
            self.holderIdentity = holderIdentity
            self.leaseDurationSeconds = leaseDurationSeconds
            self.acquireTime = acquireTime
            self.renewTime = renewTime
            self.leaseTransitions = leaseTransitions
        }
    }
}
