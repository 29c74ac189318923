public import FoundationEssentials

/// One signature of a timestamp token to be made: right as it comes, and changeable in every part.
public struct TimestampSignerRecipe: Sendable {
    /// A signed attribute: its type and its values.
    public struct Attribute: Sendable {
        /// The type, written with dots.
        public var type: String
        /// The values, each as DER.
        public var values: [[UInt8]]
        /// Creates an attribute.
        public init(_ type: String, _ values: [UInt8]...) {
            self.type = type
            self.values = values
        }
        var der: [UInt8] {
            DERWriter.sequence(
                DERWriter.objectIdentifier(type),
                DERWriter.element(0x31, values.flatMap { $0 })
            )
        }
    }

    /// The certificate that signs.
    public var certificate: TestCertificate
    /// The version.
    public var version = 1
    /// What names the certificate, as DER.
    public var identifier: [UInt8]
    /// The digest.
    public var digest = TestHash.sha256
    /// The attributes; empty leaves them out.
    public var attributes: [Attribute]
    /// Whether they are transmitted in the order of DER; they are always signed in it.
    public var isSorted = true
    /// How it is signed.
    public var signature: CertificateSignature
    /// Another AlgorithmIdentifier of the signature.
    public var signatureIdentifier: [UInt8]?
    /// Another key than the certificate's.
    public var key: TestKey?
    /// Changes the signature's bytes.
    public var alterSignature: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    /// A good signer for `content`.
    public init(_ certificate: TestCertificate, content: [UInt8], digest: TestHash = .sha256) {
        self.certificate = certificate
        self.digest = digest
        identifier = Self.issuerAndSerialNumber(certificate)
        signature = .usual(certificate.key.kind)
        attributes = [
            Attribute("1.2.840.113549.1.9.3", DERWriter.objectIdentifier(TimestampRecipe.infoType)),
            Attribute("1.2.840.113549.1.9.4", DERWriter.octetString(digest.digest(content))),
            Attribute(
                Self.signingCertificateV2,
                Self.signingCertificate(hash: .sha256, of: certificate.der, reference: Self.issuerSerial(certificate))
            ),
        ]
    }

    /// The type of the attribute that names the signing certificate.
    public static let signingCertificateV2 = "1.2.840.113549.1.9.16.2.47"

    /// IssuerAndSerialNumber.
    public static func issuerAndSerialNumber(_ certificate: TestCertificate) -> [UInt8] {
        DERWriter.sequence(certificate.issuer, DERWriter.integer(certificate.serialNumber))
    }

    /// IssuerSerial: GeneralNames with one directory name, and the serial number.
    public static func issuerSerial(_ certificate: TestCertificate) -> [UInt8] {
        DERWriter.sequence(
            DERWriter.sequence(DERWriter.tagged(4, certificate.issuer)),
            DERWriter.integer(certificate.serialNumber)
        )
    }

    /// SigningCertificateV2 with one identifier.
    ///
    /// - Parameters:
    ///   - hash: the hash; SHA-256 is the default of the format and left out.
    ///   - der: the certificate.
    ///   - reference: an IssuerSerial as DER; empty leaves it out.
    /// - Returns: the DER.
    public static func signingCertificate(hash: TestHash, of der: [UInt8], reference: [UInt8] = []) -> [UInt8] {
        let identifier = DERWriter.sequence(
            hash == .sha256 ? [] : hash.identifier,
            DERWriter.octetString(hash.digest(der)),
            reference
        )
        return DERWriter.sequence(DERWriter.sequence(identifier))
    }

    /// Replaces or adds an attribute.
    public mutating func set(_ attribute: Attribute) {
        attributes.removeAll { $0.type == attribute.type }
        attributes.append(attribute)
    }

    /// Removes an attribute.
    public mutating func remove(_ type: String) { attributes.removeAll { $0.type == type } }

    /// Adds the time at which it says it signs.
    public mutating func setSigningTime(_ date: Date) { set(Attribute("1.2.840.113549.1.9.5", DERWriter.time(date))) }

    /// The SignerInfo over `content`.
    func der(content: [UInt8]) throws -> [UInt8] {
        let sorted = attributes.map(\.der).sorted { $0.lexicographicallyPrecedes($1) }
        let transmitted = isSorted ? sorted : sorted.reversed()
        let signed = attributes.isEmpty ? content : DERWriter.element(0x31, sorted.flatMap { $0 })
        let value = alterSignature(try signature.sign(signed, key: key ?? certificate.key))
        return DERWriter.sequence(
            DERWriter.integer(version),
            identifier,
            digest.identifier,
            attributes.isEmpty ? [] : DERWriter.tagged(0, transmitted.flatMap { $0 }),
            signatureIdentifier ?? signature.identifier,
            DERWriter.octetString(value)
        )
    }
}
