import Crypto
import CryptoExtras
import FoundationEssentials

/// RSA signatures with PSS padding whose salt is not as long as the hash (RFC 8017 §8.1.1, §9.1.1).
///
/// The library only makes salts as long as the hash, so the padding is made here; its operation with the bare key comes
/// from blind signatures.
enum RSAShortSalt {
    /// How long the salt is: the default of RSASSA-PSS-params, 20 bytes.
    static let saltLength = 20

    /// Signs a digest.
    static func sign<H: HashFunction>(_ digest: H.Digest, _ key: _RSA.Signing.PrivateKey, _: H.Type) throws -> [UInt8] {
        let block = encoded(Array(digest), bits: key.keySizeInBits - 1, H.self)
        let raw = try _RSA.BlindSigning.PrivateKey<SHA384>(pemRepresentation: key.pemRepresentation)
        return Array(try raw.blindSignature(for: block).rawRepresentation)
    }

    /// EMSA-PSS-ENCODE with a fresh salt.
    private static func encoded<H: HashFunction>(_ digest: [UInt8], bits: Int, _: H.Type) -> [UInt8] {
        let length = (bits + 7) / 8
        let salt = (0..<saltLength).map { _ in UInt8.random(in: 0...255) }
        let hash = Array(H.hash(data: [UInt8](repeating: 0, count: 8) + digest + salt))
        let padding = length - saltLength - hash.count - 2
        let plain = [UInt8](repeating: 0, count: padding) + [1] + salt
        var masked = zip(plain, mask(hash, plain.count, H.self)).map { $0 ^ $1 }
        masked[0] &= 0xFF >> UInt8(8 * length - bits)
        return masked + hash + [0xBC]
    }

    /// MGF1 (RFC 8017 appendix B.2.1).
    private static func mask<H: HashFunction>(_ seed: [UInt8], _ count: Int, _: H.Type) -> [UInt8] {
        var bytes: [UInt8] = []
        var counter: UInt8 = 0
        while bytes.count < count {
            bytes += H.hash(data: seed + [0, 0, 0, counter])
            counter += 1
        }
        return Array(bytes.prefix(count))
    }
}
