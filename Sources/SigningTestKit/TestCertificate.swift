public import FoundationEssentials

/// A certificate made for a test, with its private key.
public struct TestCertificate: Sendable {
    /// The certificate.
    public let der: [UInt8]
    /// The DER of its subject.
    public let subject: [UInt8]
    /// The DER of its issuer's name.
    public let issuer: [UInt8]
    /// Its serial number.
    public let serialNumber: Int
    /// Its key.
    public let key: TestKey

    /// The certificate as PEM.
    public var pem: String {
        let text = Data(der).base64EncodedString()
        var lines = ["-----BEGIN CERTIFICATE-----"]
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return lines.joined(separator: "\n") + "\n-----END CERTIFICATE-----\n"
    }
}

/// What to put into a certificate.
///
/// The defaults are right for its role; every field can be made wrong.
public struct CertificateRecipe: Sendable {
    /// One attribute of a name.
    public struct NamePart: Sendable {
        /// The type, as a dotted object identifier.
        public var type: String
        /// The value.
        public var value: String
        /// The tag of the value: 0x0C UTF8String, 0x13 PrintableString, 0x14 TeletexString, 0x16 IA5String and so on.
        public var tag: UInt8
        /// Other bytes than those of the value in UTF-8.
        public var bytes: [UInt8]?
        /// Creates an attribute.
        public init(_ type: String, _ value: String, tag: UInt8 = 0x0C) {
            self.type = type
            self.value = value
            self.tag = tag
        }
        /// Creates an attribute whose value is not in UTF-8.
        public init(_ type: String, bytes: [UInt8], tag: UInt8) {
            self.init(type, "", tag: tag)
            self.bytes = bytes
        }
    }

    /// One extension besides those that have a field of their own.
    public struct Extension: Sendable {
        /// The type, as a dotted object identifier.
        public var type: String
        /// Whether it is critical.
        public var isCritical: Bool
        /// The DER inside the OCTET STRING.
        public var value: [UInt8]
        /// Creates an extension.
        public init(_ type: String, isCritical: Bool, value: [UInt8]) {
            self.type = type
            self.isCritical = isCritical
            self.value = value
        }
    }

    /// The bits of KeyUsage (RFC 5280 §4.2.1.3).
    public enum KeyUsage: Int, Sendable, Hashable, CaseIterable {
        case digitalSignature, contentCommitment, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign,
            encipherOnly, decipherOnly
    }

    /// The RDNs of the subject.
    public var subject: [[NamePart]]
    /// The version as encoded: 2 is v3.
    public var version = 2
    /// The serial number.
    public var serialNumber = 4711
    /// Start of validity.
    public var notBefore = Date(timeIntervalSince1970: 1_735_689_600)
    /// End of validity.
    public var notAfter = Date(timeIntervalSince1970: 2_051_222_400)
    /// BasicConstraints CA; `nil` leaves the extension out.
    public var isAuthority: Bool?
    /// The path length.
    public var pathLength: Int?
    /// KeyUsage; `nil` leaves the extension out.
    public var keyUsage: Set<KeyUsage>?
    /// Whether KeyUsage is critical.
    public var isKeyUsageCritical = true
    /// ExtendedKeyUsage as dotted object identifiers; empty leaves the extension out.
    public var extendedKeyUsages: [String] = []
    /// Whether ExtendedKeyUsage is critical.
    public var isExtendedKeyUsageCritical = false
    /// An OCSP responder.
    public var ocspURL: String?
    /// A revocation list.
    public var revocationListURL: String?
    /// The unique identifiers of issuer and subject, in DER with their tags.
    public var uniqueIdentifiers: [UInt8] = []
    /// Other extensions.
    public var extensions: [Extension] = []
    /// How the issuer signs; `nil` for what its key usually does.
    public var signature: CertificateSignature?
    /// Another AlgorithmIdentifier inside the signed part.
    public var innerAlgorithm: [UInt8]?
    /// Another issuer name than the issuer's subject, in DER.
    public var issuerName: [UInt8]?
    /// Another public key than the key's.
    public var subjectPublicKeyInfo: [UInt8]?
    /// Whether to spoil the signature.
    public var hasBrokenSignature = false

    /// Creates a recipe for a signer, valid from 2025 to 2035.
    public static func leaf(_ commonName: String = "signer.example.com") -> CertificateRecipe {
        CertificateRecipe(subject: name(commonName), isAuthority: nil, keyUsage: [.digitalSignature])
    }

    /// Creates a recipe for a time-stamping authority, valid from 2025 to 2035.
    public static func timestamping(_ commonName: String = "tsa.example.com") -> CertificateRecipe {
        var recipe = leaf(commonName)
        recipe.extendedKeyUsages = ["1.3.6.1.5.5.7.3.8"]
        recipe.isExtendedKeyUsageCritical = true
        return recipe
    }

    /// Creates a recipe for a CA.
    public static func authority(_ commonName: String, pathLength: Int? = nil) -> CertificateRecipe {
        var recipe = CertificateRecipe(
            subject: name(commonName),
            isAuthority: true,
            keyUsage: [.keyCertSign, .cRLSign]
        )
        recipe.pathLength = pathLength
        return recipe
    }

    /// C=US, ST=WA, O=Example and a common name.
    public static func name(_ commonName: String) -> [[NamePart]] {
        [
            [NamePart("2.5.4.6", "US", tag: 0x13)], [NamePart("2.5.4.8", "WA")], [NamePart("2.5.4.10", "Example")],
            [NamePart("2.5.4.3", commonName)],
        ]
    }

    /// Makes the certificate of `key`, issued by `issuer`, or self-signed without one.
    public func issue(_ key: TestKey, by issuer: TestCertificate? = nil) throws -> TestCertificate {
        let signer = issuer?.key ?? key
        let algorithm = signature ?? .usual(signer.kind)
        let subjectName = Self.encoded(subject)
        let usedIssuer = issuerName ?? issuer?.subject ?? subjectName
        let tbs = DERWriter.sequence(
            version == 0 ? [] : DERWriter.tagged(0, DERWriter.integer(version)),
            DERWriter.integer(serialNumber),
            innerAlgorithm ?? algorithm.identifier,
            usedIssuer,
            DERWriter.sequence(DERWriter.time(notBefore), DERWriter.time(notAfter)),
            subjectName,
            subjectPublicKeyInfo ?? key.subjectPublicKeyInfo,
            uniqueIdentifiers,
            extensionList
        )
        var signature = try algorithm.sign(tbs, key: signer)
        if hasBrokenSignature { signature[signature.count / 2] ^= 0x01 }
        let der = DERWriter.sequence(tbs, algorithm.identifier, DERWriter.bitString(signature))
        return TestCertificate(
            der: der,
            subject: subjectName,
            issuer: usedIssuer,
            serialNumber: serialNumber,
            key: key
        )
    }

    /// The DER of a name.
    public static func encoded(_ name: [[NamePart]]) -> [UInt8] {
        let relative = name.map { parts in
            let attributes = parts.map {
                DERWriter.sequence(
                    DERWriter.objectIdentifier($0.type),
                    DERWriter.element($0.tag, $0.bytes ?? Array($0.value.utf8))
                )
            }
            return DERWriter.element(0x31, attributes.flatMap { $0 })
        }
        return DERWriter.element(0x30, relative.flatMap { $0 })
    }

    private var extensionList: [UInt8] {
        var list: [Extension] = []
        if let isAuthority {
            let content = (isAuthority ? DERWriter.boolean(true) : []) + (pathLength.map(DERWriter.integer) ?? [])
            list.append(Extension("2.5.29.19", isCritical: true, value: DERWriter.element(0x30, content)))
        }
        if let keyUsage {
            list.append(Extension("2.5.29.15", isCritical: isKeyUsageCritical, value: Self.bits(keyUsage)))
        }
        if !extendedKeyUsages.isEmpty {
            let value = DERWriter.element(0x30, extendedKeyUsages.flatMap(DERWriter.objectIdentifier))
            list.append(Extension("2.5.29.37", isCritical: isExtendedKeyUsageCritical, value: value))
        }
        if let ocspURL {
            list.append(Extension("1.3.6.1.5.5.7.1.1", isCritical: false, value: Self.responders([ocspURL])))
        }
        if let revocationListURL {
            list.append(
                Extension("2.5.29.31", isCritical: false, value: Self.distributionPoints([revocationListURL]))
            )
        }
        list += extensions
        return list.isEmpty ? [] : DERWriter.tagged(3, Self.encoded(list))
    }

    /// The DER of a list of extensions.
    static func encoded(_ list: [Extension]) -> [UInt8] {
        let encoded = list.map {
            DERWriter.sequence(
                DERWriter.objectIdentifier($0.type),
                $0.isCritical ? DERWriter.boolean(true) : [],
                DERWriter.octetString($0.value)
            )
        }
        return DERWriter.element(0x30, encoded.flatMap { $0 })
    }

    /// The content of an AuthorityInfoAccess extension with an OCSP responder at each URL.
    public static func responders(_ urls: [String]) -> [UInt8] {
        let places = urls.map { url in
            let location = DERWriter.element(0x86, Array(url.utf8))
            return DERWriter.sequence(DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.1"), location)
        }
        return DERWriter.element(0x30, places.flatMap { $0 })
    }

    /// The content of a CRLDistributionPoints or FreshestCRL extension, with a distribution point for each URL.
    public static func distributionPoints(_ urls: [String]) -> [UInt8] {
        let points = urls.map { url in
            DERWriter.sequence(DERWriter.tagged(0, DERWriter.tagged(0, DERWriter.element(0x86, Array(url.utf8)))))
        }
        return DERWriter.element(0x30, points.flatMap { $0 })
    }

    private static func bits(_ usages: Set<KeyUsage>) -> [UInt8] {
        guard let last = usages.map(\.rawValue).max() else { return DERWriter.bitString([]) }
        var bytes = [UInt8](repeating: 0, count: last / 8 + 1)
        for usage in usages { bytes[usage.rawValue / 8] |= 0x80 >> UInt8(usage.rawValue % 8) }
        return DERWriter.bitString(bytes, padding: UInt8(7 - last % 8))
    }
}
