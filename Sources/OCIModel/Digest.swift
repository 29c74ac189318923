import Crypto

/// A content digest in the registered form `algorithm:hex` (OCI image-spec, descriptor.md, "Digests").
public struct Digest: Sendable, Hashable {
    /// The hash algorithms that identify content here.
    ///
    /// Others are refused.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case sha256
        case sha384
        case sha512

        /// Length of the hexadecimal form.
        public var hexLength: Int {
            switch self {
            case .sha256: 64
            case .sha384: 96
            case .sha512: 128
            }
        }
    }

    /// The hash algorithm.
    public let algorithm: Algorithm
    /// The hash in lower-case hexadecimal.
    public let hex: String

    /// Reads `algorithm:hex`, strictly: lower-case hexadecimal of exactly the algorithm's length.
    ///
    /// - Throws: ``OCIError`` with code `invalidDigest`.
    public init(_ text: String) throws(OCIError) {
        guard text.utf8.count <= 160, let colon = text.firstIndex(of: ":") else {
            throw OCIError(
                .invalidDigest,
                "\"\(text.prefix(80))\" is no digest: expected sha256: and 64 hexadecimal digits"
            )
        }
        guard let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
            throw OCIError(
                .invalidDigest,
                "digest algorithm \"\(text[..<colon].prefix(32))\" is not accepted; use sha256 or sha512"
            )
        }
        let hex = text[text.index(after: colon)...]
        guard hex.utf8.count == algorithm.hexLength, hex.utf8.allSatisfy(Self.isLowerHex) else {
            throw OCIError(
                .invalidDigest,
                "\"\(text.prefix(80))\" is no digest: \(algorithm) needs \(algorithm.hexLength) lower-case hexadecimal digits"
            )
        }
        self.algorithm = algorithm
        self.hex = String(hex)
    }

    private init(algorithm: Algorithm, hash: some Sequence<UInt8>) {
        self.algorithm = algorithm
        self.hex = Self.hexadecimal(hash)
    }

    /// The digest of `bytes`.
    public static func of(_ bytes: [UInt8], algorithm: Algorithm = .sha256) -> Digest {
        switch algorithm {
        case .sha256: Digest(algorithm: algorithm, hash: SHA256.hash(data: bytes))
        case .sha384: Digest(algorithm: algorithm, hash: SHA384.hash(data: bytes))
        case .sha512: Digest(algorithm: algorithm, hash: SHA512.hash(data: bytes))
        }
    }

    /// Whether `bytes` hash to this digest.
    public func matches(_ bytes: [UInt8]) -> Bool { Digest.of(bytes, algorithm: algorithm) == self }

    /// The algorithm and the first twelve hexadecimal digits: enough to tell digests apart in a message.
    public var short: String { "\(algorithm.rawValue):\(hex.prefix(12))" }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func hexadecimal(_ hash: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        for byte in hash {
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Digest: CustomStringConvertible {
    /// `algorithm:hex`.
    public var description: String { "\(algorithm.rawValue):\(hex)" }
}

extension Digest: Codable {
    /// Reads a string of the form `algorithm:hex`.
    ///
    /// - Throws: `DecodingError` when it is none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(OCIError) {
            self = try Digest(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    /// Writes `algorithm:hex`.
    ///
    /// - Throws: whatever the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
