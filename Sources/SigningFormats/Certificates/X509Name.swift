import SwiftASN1

/// A distinguished name of a certificate (RFC 5280 §4.1.2.4), kept as received.
public struct X509Name: Sendable, Hashable, CustomStringConvertible {
    /// One attribute of a name.
    public struct Attribute: Sendable, Hashable {
        /// The short name (`CN`, `O`, …) of RFC 4514 §3 and RFC 4519, or the dotted object identifier.
        public let type: String
        /// The value, when it is a string of a kind that has one reading; `nil` for a TeletexString.
        public let value: String?
        /// Whether `type` is one of the nine names that identities may use.
        public let isNamed: Bool
    }

    /// The DER of the name.
    ///
    /// Names are equal when these bytes are; nothing is normalised.
    public let der: ArraySlice<UInt8>
    /// The RDNs in the order of the certificate, each with its attributes.
    public let relativeNames: [[Attribute]]

    /// Names are compared byte by byte.
    public static func == (left: X509Name, right: X509Name) -> Bool { left.der == right.der }

    /// Hashes the DER.
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }

    /// All attributes, in the order of the certificate.
    public var attributes: some Sequence<Attribute> { relativeNames.lazy.joined() }

    /// The name as RFC 4514 writes it, last RDN first, for people.
    ///
    /// At most 200 scalars, each fit to be shown.
    public var description: String {
        let text = relativeNames.reversed().map { attributes in
            attributes.map { "\($0.type)=\($0.value.map(Self.escaped) ?? "#…")" }.joined(separator: "+")
        }.joined(separator: ",")
        guard !text.isEmpty else { return "(empty name)" }
        return DisplayText.printable(text, limit: 200)
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for (index, character) in value.unicodeScalars.enumerated() {
            switch character {
            case ",", "+", "\"", "\\", "<", ">", ";": text += "\\"
            case "#" where index == 0, " " where index == 0: text += "\\"
            default: break
            }
            text.unicodeScalars.append(character)
        }
        return text
    }
}

// MARK: - Reading

extension X509Name {
    init(_ node: ASN1Node) throws {
        guard node.encodedBytes.count <= SigningLimits.nameBytes else {
            throw SigningFormatError(.limitExceeded, "a name has more than \(SigningLimits.nameBytes) bytes")
        }
        guard node.identifier == .sequence, case .constructed(let relativeNames) = node.content else {
            throw SigningFormatError(.certificate, "a name is not a sequence")
        }
        var names: [[Attribute]] = []
        var count = 0
        for relativeName in relativeNames {
            guard relativeName.identifier == .set, case .constructed(let attributes) = relativeName.content else {
                throw SigningFormatError(.certificate, "an RDN is not a set")
            }
            var values: [Attribute] = []
            for attribute in attributes {
                count += 1
                guard count <= SigningLimits.nameAttributes else {
                    throw SigningFormatError(
                        .limitExceeded,
                        "a name has more than \(SigningLimits.nameAttributes) attributes"
                    )
                }
                values.append(try Self.attribute(attribute))
            }
            guard !values.isEmpty else { throw SigningFormatError(.certificate, "an RDN is empty") }
            names.append(values)
        }
        der = node.encodedBytes
        self.relativeNames = names
    }

    private static func attribute(_ node: ASN1Node) throws -> Attribute {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let type = try ASN1ObjectIdentifier(limited: &nodes)
            guard let value = nodes.next() else {
                throw SigningFormatError(.certificate, "a name has an attribute without value")
            }
            let text = string(value)
            // A string that breaks the rules of its own type makes the certificate malformed, whoever is trusted.
            guard text != nil || isTeletex(value) else {
                throw SigningFormatError(.certificate, "a name has a value that is no string of its type")
            }
            if let name = names[type] { return Attribute(type: name, value: text, isNamed: true) }
            return Attribute(type: type.description, value: text, isNamed: false)
        }
    }

    private static let names: [ASN1ObjectIdentifier: String] = [
        [2, 5, 4, 3]: "CN", [2, 5, 4, 5]: "SERIALNUMBER", [2, 5, 4, 6]: "C", [2, 5, 4, 7]: "L", [2, 5, 4, 8]: "ST",
        [2, 5, 4, 9]: "STREET", [2, 5, 4, 10]: "O", [2, 5, 4, 11]: "OU", [2, 5, 4, 17]: "POSTALCODE",
    ]

    private static func isTeletex(_ node: ASN1Node) -> Bool {
        guard case .primitive = node.content else { return false }
        return node.identifier == .teletexString
    }

    /// TeletexString has no single reading and is therefore none of these.
    private static func string(_ node: ASN1Node) -> String? {
        guard case .primitive(let bytes) = node.content else { return nil }
        switch node.identifier {
        case .utf8String: return String(validating: bytes, as: UTF8.self)
        case .printableString: return bytes.allSatisfy(isPrintable) ? String(decoding: bytes, as: UTF8.self) : nil
        case .numericString:
            return bytes.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x20 }
                ? String(decoding: bytes, as: UTF8.self) : nil
        case .ia5String: return bytes.allSatisfy { $0 < 0x80 } ? String(decoding: bytes, as: UTF8.self) : nil
        case .bmpString: return basicMultilingual(bytes)
        default: return nil
        }
    }

    /// X.680 §41.4; `*` and `&` are outside it but common, and harmless.
    private static func isPrintable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "'")...UInt8(ascii: "/"), UInt8(ascii: ":"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: " "), UInt8(ascii: "&"):
            true
        default: false
        }
    }

    private static func basicMultilingual(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count % 2 == 0 else { return nil }
        var text = String.UnicodeScalarView()
        var high: UInt32?
        for byte in bytes {
            guard let upper = high else {
                high = UInt32(byte)
                continue
            }
            let code = upper << 8 | UInt32(byte)
            guard let scalar = Unicode.Scalar(code), !isNoncharacter(code) else { return nil }
            text.append(scalar)
            high = nil
        }
        return String(text)
    }

    /// The codes of the Basic Multilingual Plane that never become characters (Unicode §23.7).
    private static func isNoncharacter(_ code: UInt32) -> Bool { (0xFDD0...0xFDEF).contains(code) || code >= 0xFFFE }
}
