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
}
