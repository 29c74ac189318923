/// The six algorithms that may sign a Notary envelope.
///
/// The key decides which one: nothing is negotiable (Notary signature specification, "Signature Algorithm
/// Requirements").
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// RSASSA-PSS with SHA-256, for RSA 2048.
    case ps256 = "PS256"
    /// RSASSA-PSS with SHA-384, for RSA 3072.
    case ps384 = "PS384"
    /// RSASSA-PSS with SHA-512, for RSA 4096.
    case ps512 = "PS512"
    /// ECDSA with SHA-256, for P-256.
    case es256 = "ES256"
    /// ECDSA with SHA-384, for P-384.
    case es384 = "ES384"
    /// ECDSA with SHA-512, for P-521.
    case es512 = "ES512"

    /// The algorithm of an IANA COSE identifier, if it is one of the six.
    public init?(coseIdentifier: Int64) {
        guard let match = Self.allCases.first(where: { $0.coseIdentifier == coseIdentifier }) else { return nil }
        self = match
    }

    /// The IANA COSE identifier.
    public var coseIdentifier: Int64 {
        switch self {
        case .ps256: -37
        case .ps384: -38
        case .ps512: -39
        case .es256: -7
        case .es384: -35
        case .es512: -36
        }
    }

    /// The exact length of a signature value, in bytes.
    ///
    /// ECDSA is `r ‖ s`, each at the width of the curve's order.
    public var signatureBytes: Int {
        switch self {
        case .ps256: 256
        case .ps384: 384
        case .ps512: 512
        case .es256: 64
        case .es384: 96
        case .es512: 132
        }
    }

    /// The hash that goes with it.
    var hash: HashAlgorithm {
        switch self {
        case .ps256, .es256: .sha256
        case .ps384, .es384: .sha384
        case .ps512, .es512: .sha512
        }
    }

    /// The JOSE name, which people know best.
    public var description: String { rawValue }
}
