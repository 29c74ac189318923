public import FoundationEssentials
import SwiftASN1

/// What a time-stamping authority says: that something with this hash existed at this time (TSTInfo, RFC 3161 §2.4.2).
///
/// A mere claim.
public struct TimestampInfo: Sendable, Hashable {
    /// The policy under which the authority works, as a dotted object identifier.
    public let policy: String
    /// The time since 1970-01-01T00:00:00Z, to the nanosecond.
    public let sinceEpoch: Duration
    /// How far the time may be off, to either side.
    ///
    /// Where nothing is stated it is zero, and one second under the baseline policy of ETSI EN 319 421 (Notary trust policy
    /// specification, "Signature Verification details").
    public let accuracy: Duration
    /// The object identifiers of the critical extensions.
    ///
    /// None is understood here.
    public let criticalExtensions: [String]
    let hash: HashAlgorithm?
    /// The object identifier of the hash, for messages.
    public let hashName: String
    let hashedMessage: ArraySlice<UInt8>

    /// The time, to the precision of a `Date`.
    public var time: Date { TimestampTime.date(sinceEpoch) }

    /// Whether the hash is one that may be used: SHA-256, SHA-384 or SHA-512.
    public var hasStrongHash: Bool { hash != nil }

    /// Whether the timestamp is about exactly these bytes.
    public func isAbout(_ bytes: [UInt8]) -> Bool {
        hash.map { $0.digest(of: bytes).elementsEqual(hashedMessage) } ?? false
    }

    /// Whether the time, with all that it may be off, lies within the validity of a certificate, both ends included.
    ///
    /// - Parameters:
    ///   - certificate: the certificate.
    ///   - accuracy: how far the time may be off, to either side.
    /// - Returns: whether it lies within.
    public func lies(within certificate: X509Certificate, accuracy: Duration) -> Bool {
        // A certificate's times are whole seconds.
        let first = Duration.seconds(Int64(certificate.notBefore.timeIntervalSince1970))
        let last = Duration.seconds(Int64(certificate.notAfter.timeIntervalSince1970))
        return sinceEpoch - accuracy >= first && sinceEpoch + accuracy <= last
    }
}

// MARK: - Reading

extension TimestampInfo {
    init(der: ArraySlice<UInt8>) throws {
        let node = try ASN1Node.parsed(der, as: "the timestamp")
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let version = try Int(derEncoded: &nodes)
            guard version == 1 else {
                throw SigningFormatError(.unsupported, "the timestamp has version \(version), not 1")
            }
            let policy = try ASN1ObjectIdentifier(derEncoded: &nodes)
            guard let imprint = nodes.next(), let serialNumber = nodes.next(), serialNumber.identifier == .integer,
                let time = nodes.next()
            else { throw SigningFormatError(.malformed, "the timestamp is incomplete") }
            let (hash, hashedMessage) = try Self.imprint(imprint)
            let sinceEpoch = try TimestampTime.sinceEpoch(time)
            let stated = try Self.accuracy(&nodes)
            let isBaseline = policy == ObjectIdentifiers.baselineTimestampPolicy
            // Whether messages are ordered, the nonce of the request and the authority's name decide nothing here. Some
            // authorities write that messages are not ordered, which is the default and which DER leaves out.
            _ = DER.optionalImplicitlyTagged(&nodes, tagNumber: 1, tagClass: .universal) { _ in }
            _ = DER.optionalImplicitlyTagged(&nodes, tagNumber: 2, tagClass: .universal) { _ in }
            _ = DER.optionalImplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { _ in }
            return TimestampInfo(
                policy: policy.description,
                sinceEpoch: sinceEpoch,
                accuracy: stated == .zero && isBaseline ? .seconds(1) : stated,
                criticalExtensions: try Self.criticalExtensions(&nodes),
                hash: HashAlgorithm(hash),
                hashName: hash.algorithm.description,
                hashedMessage: hashedMessage
            )
        }
    }

    private static func imprint(_ node: ASN1Node) throws -> (AlgorithmIdentifierFields, ArraySlice<UInt8>) {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard let hash = nodes.next() else {
                throw SigningFormatError(.malformed, "the timestamp's imprint has no hash")
            }
            return (try AlgorithmIdentifierFields(hash), try ASN1OctetString(derEncoded: &nodes).bytes)
        }
    }

    private static func accuracy(_ nodes: inout ASN1NodeCollection.Iterator) throws -> Duration {
        let accuracy = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 16, tagClass: .universal) { node in
            try DER.sequence(node, identifier: .sequence) { nodes in
                let seconds: Int = try DER.optionalImplicitlyTagged(&nodes) ?? 0
                let millis = try fraction(&nodes, tagNumber: 0)
                let micros = try fraction(&nodes, tagNumber: 1)
                guard (0...SigningLimits.timestampAccuracySeconds).contains(seconds) else {
                    throw SigningFormatError(
                        .limitExceeded,
                        "the timestamp's accuracy is not between 0 and \(SigningLimits.timestampAccuracySeconds) s"
                    )
                }
                return Duration.seconds(seconds) + .milliseconds(millis) + .microseconds(micros)
            }
        }
        return accuracy ?? .zero
    }

    private static func fraction(_ nodes: inout ASN1NodeCollection.Iterator, tagNumber: UInt) throws -> Int {
        let tag = ASN1Identifier(tagWithNumber: tagNumber, tagClass: .contextSpecific)
        let value: Int = try DER.optionalImplicitlyTagged(&nodes, tag: tag) ?? 0
        guard (0...999).contains(value) else {
            throw SigningFormatError(.malformed, "the timestamp's accuracy has a part outside 1…999")
        }
        return value
    }

    private static func criticalExtensions(_ nodes: inout ASN1NodeCollection.Iterator) throws -> [String] {
        let critical = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 1, tagClass: .contextSpecific) { node in
            try node.children(of: "the timestamp's list of extensions", limit: SigningLimits.timestampExtensions)
                .compactMap { node in
                    try DER.sequence(node, identifier: .sequence) { nodes in
                        let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
                        let isCritical = try DER.decodeDefault(&nodes, defaultValue: false)
                        _ = try ASN1OctetString(derEncoded: &nodes)
                        return isCritical ? identifier.description : nil
                    }
                }
        }
        return critical ?? []
    }
}
