import SwiftASN1

/// The extensions of a certificate that decide what it may do (RFC 5280 §4.2).
struct CertificateExtensions: Sendable {
    struct BasicConstraints: Sendable, Hashable {
        var isAuthority = false
        var pathLength: Int?
    }

    /// The bits of KeyUsage, the first one lowest.
    struct KeyUsage: OptionSet, Sendable, Hashable {
        let rawValue: UInt16
        static let digitalSignature = KeyUsage(rawValue: 1 << 0)
        static let contentCommitment = KeyUsage(rawValue: 1 << 1)
        static let keyEncipherment = KeyUsage(rawValue: 1 << 2)
        static let dataEncipherment = KeyUsage(rawValue: 1 << 3)
        static let keyAgreement = KeyUsage(rawValue: 1 << 4)
        static let keyCertSign = KeyUsage(rawValue: 1 << 5)
        static let cRLSign = KeyUsage(rawValue: 1 << 6)
        static let encipherOnly = KeyUsage(rawValue: 1 << 7)
        static let decipherOnly = KeyUsage(rawValue: 1 << 8)
    }

    var basicConstraints: BasicConstraints?
    var keyUsage: KeyUsage?
    var isKeyUsageCritical = false
    var extendedKeyUsages: [ASN1ObjectIdentifier]?
    var isExtendedKeyUsageCritical = false
    /// Where OCSP responders are (AIA); `nil` when none is named.
    var ocspResponders: RevocationPointers?
    /// Where base revocation lists are (CRLDistributionPoints); `nil` when none is named.
    var revocationLists: RevocationPointers?
    /// Where delta lists are (FreshestCRL); `nil` when none is named.
    var freshestLists: RevocationPointers?
    /// Whether the certificate is an OCSP responder's that is not to be asked about (RFC 6960 §4.2.2.2.1).
    var hasOCSPNoCheck = false
    /// Critical extensions whose meaning is not known here, as dotted identifiers.
    var unknownCritical: [String] = []

    init() {}

    init(explicitlyTagged node: ASN1Node) throws {
        guard case .constructed(let content) = node.content else {
            throw SigningFormatError(.certificate, "the extensions are not a sequence")
        }
        var lists = content.makeIterator()
        guard let list = lists.next(), lists.next() == nil, list.identifier == .sequence,
            case .constructed(let extensions) = list.content
        else { throw SigningFormatError(.certificate, "the extensions are not a sequence") }
        var seen: Set<ASN1ObjectIdentifier> = []
        for node in extensions {
            guard seen.count < SigningLimits.certificateExtensions else {
                throw SigningFormatError(
                    .limitExceeded,
                    "a certificate has more than \(SigningLimits.certificateExtensions) extensions"
                )
            }
            let (identifier, isCritical, value) = try Self.fields(node)
            guard seen.insert(identifier).inserted else {
                throw SigningFormatError(.certificate, "a certificate has extension \(identifier) twice")
            }
            try read(identifier, isCritical: isCritical, value: value)
        }
        guard !seen.isEmpty else { throw SigningFormatError(.certificate, "the list of extensions is empty") }
    }

    private static func fields(_ node: ASN1Node) throws -> (ASN1ObjectIdentifier, Bool, ArraySlice<UInt8>) {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let identifier = try ASN1ObjectIdentifier(limited: &nodes)
            let isCritical = try DER.decodeDefault(&nodes, defaultValue: false)
            return (identifier, isCritical, try ASN1OctetString(derEncoded: &nodes).bytes)
        }
    }

    private mutating func read(_ identifier: ASN1ObjectIdentifier, isCritical: Bool, value: ArraySlice<UInt8>) throws {
        try Self.checkForm(identifier, isCritical: isCritical, value: value)
        switch identifier {
        case ObjectIdentifiers.basicConstraints: basicConstraints = try Self.basicConstraints(value)
        case ObjectIdentifiers.keyUsage:
            keyUsage = try Self.keyUsage(value)
            isKeyUsageCritical = isCritical
        case ObjectIdentifiers.extendedKeyUsage:
            extendedKeyUsages = try Self.extendedKeyUsages(value)
            isExtendedKeyUsageCritical = isCritical
        case ObjectIdentifiers.authorityInformationAccess:
            ocspResponders = try RevocationPointers(authorityInformationAccess: try Self.sequence(value))
        case ObjectIdentifiers.crlDistributionPoints:
            revocationLists = try RevocationPointers(distributionPoints: try Self.sequence(value))
        case ObjectIdentifiers.freshestCRL:
            freshestLists = try RevocationPointers(distributionPoints: try Self.sequence(value))
        case ObjectIdentifiers.ocspNoCheck: hasOCSPNoCheck = true
        default: break
        }
        if isCritical, !ObjectIdentifiers.understood.contains(identifier) {
            unknownCritical.append(identifier.description)
        }
    }

    private static func basicConstraints(_ value: ArraySlice<UInt8>) throws -> BasicConstraints {
        try DER.sequence(try DER.parse(value), identifier: .sequence) { nodes in
            let isAuthority = try DER.decodeDefault(&nodes, defaultValue: false)
            let pathLength: Int? = try DER.optionalImplicitlyTagged(&nodes)
            guard pathLength.map({ $0 >= 0 && isAuthority }) ?? true else {
                throw SigningFormatError(.certificate, "a certificate has a path length that makes no sense")
            }
            return BasicConstraints(isAuthority: isAuthority, pathLength: pathLength)
        }
    }

    private static func keyUsage(_ value: ArraySlice<UInt8>) throws -> KeyUsage {
        let bits = try ASN1BitString(derEncoded: value)
        let bytes = Array(bits.bytes)
        guard (1...2).contains(bytes.count) else {
            throw SigningFormatError(.certificate, "a certificate's key usage is empty or too long")
        }
        let word = UInt16(bytes[0]) << 8 | (bytes.count == 2 ? UInt16(bytes[1]) : 0)
        // DER (X.690 §11.2.2) drops trailing zero bits, so the last bit that is there is set; only nine are defined.
        guard word != 0, word.trailingZeroBitCount == 16 - bytes.count * 8 + bits.paddingBits, word & 0x7F == 0 else {
            throw SigningFormatError(.certificate, "a certificate's key usage is not in its shortest form")
        }
        var usage: UInt16 = 0
        for bit in 0..<9 where word & (0x8000 >> UInt16(bit)) != 0 { usage |= 1 << UInt16(bit) }
        return KeyUsage(rawValue: usage)
    }

    private static func extendedKeyUsages(_ value: ArraySlice<UInt8>) throws -> [ASN1ObjectIdentifier] {
        var usages: [ASN1ObjectIdentifier] = []
        for node in try parts(of: value) {
            guard usages.count < SigningLimits.extendedKeyUsages else {
                throw SigningFormatError(
                    .limitExceeded,
                    "a certificate has more than \(SigningLimits.extendedKeyUsages) extended key usages"
                )
            }
            let usage = try ASN1ObjectIdentifier(derEncoded: node)
            try usage.checkNumbers()
            usages.append(usage)
        }
        guard !usages.isEmpty else {
            throw SigningFormatError(.certificate, "a certificate's extended key usage is empty")
        }
        return usages
    }

    /// The value of an extension that is a SEQUENCE.
    static func sequence(_ value: ArraySlice<UInt8>) throws -> ASN1Node {
        let node = try DER.parse(value)
        guard node.identifier == .sequence else {
            throw SigningFormatError(.certificate, "a certificate's extension is not a sequence")
        }
        return node
    }
}
