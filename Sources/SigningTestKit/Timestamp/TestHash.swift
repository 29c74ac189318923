import Crypto

/// The hashes of a timestamp to be made.
public enum TestHash: String, Sendable, Hashable, CaseIterable {
    case sha256 = "2.16.840.1.101.3.4.2.1"
    case sha384 = "2.16.840.1.101.3.4.2.2"
    case sha512 = "2.16.840.1.101.3.4.2.3"
    /// Never acceptable.
    case sha1 = "1.3.14.3.2.26"

    /// The object identifier, written with dots.
    public var objectIdentifier: String { rawValue }

    /// The AlgorithmIdentifier.
    public var identifier: [UInt8] {
        DERWriter.sequence(DERWriter.objectIdentifier(objectIdentifier), DERWriter.null)
    }

    /// The hash of `bytes`.
    public func digest(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        }
    }
}
