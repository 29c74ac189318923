import Crypto

/// The hashes that signatures may use.
///
/// SHA-1 and MD5 have no case: they cannot be asked for.
enum HashAlgorithm: Sendable, Hashable {
    case sha256
    case sha384
    case sha512

    /// The length of a hash, in bytes; for RSASSA-PSS also the only salt length accepted.
    var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The algorithm that an AlgorithmIdentifier names; `nil` for any other, SHA-1 included.
    init?(_ fields: AlgorithmIdentifierFields) {
        guard fields.hasNullOrAbsentParameters else { return nil }
        switch fields.algorithm {
        case ObjectIdentifiers.sha256: self = .sha256
        case ObjectIdentifiers.sha384: self = .sha384
        case ObjectIdentifiers.sha512: self = .sha512
        default: return nil
        }
    }

    /// The hash of `bytes`.
    func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        return switch self {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }
}
