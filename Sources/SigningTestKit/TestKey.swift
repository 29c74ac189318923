import Crypto
import CryptoExtras
import FoundationEssentials
import Synchronization

/// A private key for tests.
///
/// Keys are made once a process, for an RSA key of 4096 bits takes seconds.
public struct TestKey: Sendable {
    /// The kinds of keys, those first that may sign envelopes.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case rsa2048
        case rsa3072
        case rsa4096
        case p256
        case p384
        case p521
        /// Too small to sign anything.
        case rsa1024
        /// A size without an algorithm.
        case rsa2560
        /// Not a Notary key at all.
        case ed25519

        /// The six that may sign.
        public static let signing: [Kind] = [.rsa2048, .rsa3072, .rsa4096, .p256, .p384, .p521]

        /// The JOSE name of the algorithm that goes with the key.
        public var joseAlgorithm: String {
            switch self {
            case .rsa2048, .rsa1024, .rsa2560: "PS256"
            case .rsa3072: "PS384"
            case .rsa4096: "PS512"
            case .p256: "ES256"
            case .p384: "ES384"
            case .p521: "ES512"
            case .ed25519: "EdDSA"
            }
        }

        /// The COSE identifier of the algorithm that goes with the key.
        public var coseAlgorithm: Int {
            switch self {
            case .rsa2048, .rsa1024, .rsa2560: -37
            case .rsa3072: -38
            case .rsa4096: -39
            case .p256: -7
            case .p384: -35
            case .p521: -36
            case .ed25519: -8
            }
        }
    }

    /// How a signature is made; everything but `proper` is a fault.
    public enum Flavour: Sendable, Hashable, CaseIterable {
        case proper
        /// RSA with PKCS #1 v1.5 padding.
        case pkcs1
        /// ECDSA in DER.
        case der
        /// RSA with PSS padding and a salt of 20 bytes, shorter than every hash.
        case shortSalt
    }

    enum Material: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    /// What kind of key it is.
    public let kind: Kind
    let material: Material

    private static let made = Mutex<[String: TestKey]>([:])

    /// The key of a kind; different numbers are different keys.
    public static func shared(_ kind: Kind, _ number: Int = 0) throws -> TestKey {
        let name = "\(kind.rawValue)/\(number)"
        return try made.withLock { keys in
            if let key = keys[name] { return key }
            let key = try TestKey(kind: kind)
            keys[name] = key
            return key
        }
    }

    private init(kind: Kind) throws {
        self.kind = kind
        material =
            switch kind {
            case .rsa1024: .rsa(try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024)))
            case .rsa2048: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            case .rsa2560: .rsa(try _RSA.Signing.PrivateKey(keySize: .init(bitCount: 2560)))
            case .rsa3072: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits3072))
            case .rsa4096: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits4096))
            case .p256: .p256(P256.Signing.PrivateKey())
            case .p384: .p384(P384.Signing.PrivateKey())
            case .p521: .p521(P521.Signing.PrivateKey())
            case .ed25519: .ed25519(Curve25519.Signing.PrivateKey())
            }
    }

    /// The public key as X.509 carries it.
    public var subjectPublicKeyInfo: [UInt8] {
        switch material {
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .p521(let key): Array(key.publicKey.derRepresentation)
        case .ed25519(let key):
            DERWriter.sequence(
                DERWriter.sequence(DERWriter.objectIdentifier("1.3.101.112")),
                DERWriter.bitString(Array(key.publicKey.rawRepresentation))
            )
        }
    }

    /// The private key as PEM, PKCS #1 for RSA and PKCS #8 for curves, as `notation` reads it; empty for Ed25519.
    public var pem: String {
        switch material {
        case .rsa(let key): key.pemRepresentation
        case .p256(let key): key.pemRepresentation
        case .p384(let key): key.pemRepresentation
        case .p521(let key): key.pemRepresentation
        case .ed25519: ""
        }
    }

    /// The public key without its algorithm: the bits inside ``subjectPublicKeyInfo``.
    public var publicKeyBits: [UInt8] {
        switch material {
        case .rsa(let key): Array(key.publicKey.pkcs1DERRepresentation)
        case .p256(let key): Array(key.publicKey.x963Representation)
        case .p384(let key): Array(key.publicKey.x963Representation)
        case .p521(let key): Array(key.publicKey.x963Representation)
        case .ed25519(let key): Array(key.publicKey.rawRepresentation)
        }
    }

    /// Signs an envelope's input with the key's own algorithm.
    public func sign(_ input: [UInt8], flavour: Flavour = .proper) throws -> [UInt8] {
        if flavour == .shortSalt, case .rsa(let key) = material { return try signWithShortSalt(input, key) }
        return switch kind {
        case .rsa3072, .p384: try sign(digest: SHA384.hash(data: input), flavour: flavour, padding: .PSS)
        case .rsa4096, .p521: try sign(digest: SHA512.hash(data: input), flavour: flavour, padding: .PSS)
        default: try sign(digest: SHA256.hash(data: input), flavour: flavour, padding: .PSS, input: input)
        }
    }

    /// Signs an envelope's input with PSS padding and a salt of 20 bytes.
    private func signWithShortSalt(_ input: [UInt8], _ key: _RSA.Signing.PrivateKey) throws -> [UInt8] {
        switch kind {
        case .rsa3072: try RSAShortSalt.sign(SHA384.hash(data: input), key, SHA384.self)
        case .rsa4096: try RSAShortSalt.sign(SHA512.hash(data: input), key, SHA512.self)
        default: try RSAShortSalt.sign(SHA256.hash(data: input), key, SHA256.self)
        }
    }

    func sign(
        digest: some Crypto.Digest,
        flavour: Flavour,
        padding: _RSA.Signing.Padding,
        input: [UInt8] = []
    ) throws -> [UInt8] {
        switch material {
        case .rsa(let key):
            Array(
                try key.signature(for: digest, padding: flavour == .pkcs1 ? .insecurePKCS1v1_5 : padding)
                    .rawRepresentation
            )
        case .p256(let key):
            try Array(
                flavour == .der
                    ? key.signature(for: digest).derRepresentation : key.signature(for: digest).rawRepresentation
            )
        case .p384(let key):
            try Array(
                flavour == .der
                    ? key.signature(for: digest).derRepresentation : key.signature(for: digest).rawRepresentation
            )
        case .p521(let key):
            try Array(
                flavour == .der
                    ? key.signature(for: digest).derRepresentation : key.signature(for: digest).rawRepresentation
            )
        case .ed25519(let key): Array(try key.signature(for: input))
        }
    }
}
