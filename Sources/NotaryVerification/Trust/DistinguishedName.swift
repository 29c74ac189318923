import SigningFormats

/// The name of a signer as a policy writes it: a set of attributes, each once (RFC 4514, narrowed by the trust policy
/// specification, "Trusted Identities").
public struct DistinguishedName: Sendable, Hashable {
    /// The value of each attribute type.
    public let attributes: [String: String]

    /// The attribute types an identity may use.
    ///
    /// `S` is read as `ST`.
    static let types: Set<String> = ["CN", "SERIALNUMBER", "C", "L", "ST", "STREET", "O", "OU", "POSTALCODE"]

    /// Whether every attribute of this name is in `other` with exactly the same value, byte by byte.
    public func isSubset(of other: DistinguishedName) -> Bool {
        attributes.allSatisfy { type, value in
            other.attributes[type].map { $0.utf8.elementsEqual(value.utf8) } ?? false
        }
    }
}

/// What is wrong with a distinguished name, as a clause.
struct DistinguishedNameError: Error, Sendable, Hashable {
    let message: String
    init(_ message: String) { self.message = message }
}

// MARK: - The name of a certificate

extension DistinguishedName {
    /// The subject of a certificate, as far as identities can name it.
    ///
    /// The consequences of how the reference implementation prints names are kept: a subject with any attribute outside the nine
    /// (an e-mail address, a domain component), with a repeated attribute, without C, ST or O, or with `=#` in a value matches no
    /// identity. RDNs that hold several attributes are flattened.
    init(subject: X509Name) throws(DistinguishedNameError) {
        var attributes: [String: String] = [:]
        for attribute in subject.attributes {
            guard attribute.isNamed else {
                throw DistinguishedNameError(
                    "its subject has the attribute \(attribute.type), which identities cannot name"
                )
            }
            guard let value = attribute.value else {
                throw DistinguishedNameError("its subject has a value of \(attribute.type) that is not plain text")
            }
            guard !value.contains("=#") else {
                throw DistinguishedNameError("its subject has \"=#\" in a value, which identities cannot have")
            }
            guard attributes.updateValue(value, forKey: attribute.type) == nil else {
                throw DistinguishedNameError("its subject has \(attribute.type) more than once")
            }
        }
        try self.init(complete: attributes, what: "its subject")
    }

    private init(complete attributes: [String: String], what: String) throws(DistinguishedNameError) {
        for type in ["C", "ST", "O"] where attributes[type]?.isEmpty ?? true {
            throw DistinguishedNameError("\(what) has no \(type): C, ST and O are required")
        }
        self.attributes = attributes
    }
}

// MARK: - The name in a policy

extension DistinguishedName {
    /// Reads the text of a policy.
    init(parsing text: String) throws(DistinguishedNameError) {
        guard text.utf8.count <= SigningLimits.nameBytes else {
            throw DistinguishedNameError("the name has more than \(SigningLimits.nameBytes) bytes")
        }
        guard !text.contains("=#") else {
            throw DistinguishedNameError("the name has a value in hexadecimal form (=#), which is not accepted")
        }
        var reader = Reader(bytes: Array(text.utf8))
        var attributes: [String: String] = [:]
        repeat {
            guard attributes.count < SigningLimits.nameAttributes else {
                throw DistinguishedNameError("the name has more than \(SigningLimits.nameAttributes) attributes")
            }
            let (type, value) = try reader.attribute()
            guard attributes.updateValue(value, forKey: type) == nil else {
                throw DistinguishedNameError("the name has \(type) more than once")
            }
        } while try reader.hasAnother()
        try self.init(complete: attributes, what: "the name")
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        /// Steps over the separator; `false` at the end of the text.
        mutating func hasAnother() throws(DistinguishedNameError) -> Bool {
            switch peek {
            case nil: return false
            case UInt8(ascii: "+"):
                throw DistinguishedNameError("the name has an RDN of several attributes (+), which is not accepted")
            default:
                index += 1
                return true
            }
        }

        mutating func attribute() throws(DistinguishedNameError) -> (type: String, value: String) {
            let start = index
            while let byte = peek, byte != UInt8(ascii: "=") {
                guard byte != UInt8(ascii: ","), byte != UInt8(ascii: ";"), byte != UInt8(ascii: "+") else { break }
                index += 1
            }
            guard peek == UInt8(ascii: "=") else {
                throw DistinguishedNameError("the name has a part without \"=\": write TYPE=value, separated by commas")
            }
            let written = Self.trimmed(bytes[start..<index])
            index += 1
            let type = written == "S" ? "ST" : written
            guard DistinguishedName.types.contains(type) else {
                throw DistinguishedNameError(
                    "the name has the attribute type \"\(written.prefix(32))\": use "
                        + "CN, O, OU, C, ST, L, STREET, POSTALCODE or SERIALNUMBER, in upper case"
                )
            }
            let value = try value()
            guard !value.isEmpty else { throw DistinguishedNameError("the name has no value for \(type)") }
            return (type, value)
        }

        private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
            var bytes = bytes.drop { $0 == 0x20 }
            while bytes.last == 0x20 { bytes.removeLast() }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// A value up to the next separator; spaces at its ends count only when escaped.
        private mutating func value() throws(DistinguishedNameError) -> String {
            while peek == 0x20 { index += 1 }
            guard peek != UInt8(ascii: "#") else {
                throw DistinguishedNameError("the name has a value that begins with #, which is not accepted")
            }
            var output: [UInt8] = []
            var keep = 0
            while let byte = peek {
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "+"): return try text(output.prefix(keep))
                case UInt8(ascii: "\\"):
                    index += 1
                    output.append(try escaped())
                    keep = output.count
                case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), 0:
                    throw DistinguishedNameError("the name has a special character that must be escaped with \\")
                default:
                    index += 1
                    output.append(byte)
                    if byte != 0x20 { keep = output.count }
                }
            }
            return try text(output.prefix(keep))
        }

        private func text(_ bytes: ArraySlice<UInt8>) throws(DistinguishedNameError) -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw DistinguishedNameError("the name has an escape that is not UTF-8")
            }
            return text
        }

        /// What follows a backslash: a special character, or two hexadecimal digits (RFC 4514 §2.4).
        private mutating func escaped() throws(DistinguishedNameError) -> UInt8 {
            guard let first = peek else { throw DistinguishedNameError("the name ends in a backslash") }
            index += 1
            switch first {
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "+"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "#"), UInt8(ascii: "="), 0x20:
                return first
            default:
                guard let high = Self.hex(first), let second = peek, let low = Self.hex(second) else {
                    throw DistinguishedNameError("the name has an unknown escape")
                }
                index += 1
                return high << 4 | low
            }
        }

        private static func hex(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46: byte - 0x41 + 10
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
    }
}
