public import FoundationEssentials
import SwiftASN1

/// A certificate revocation list (RFC 5280 §5), base or delta, of version 2.
///
/// Reading proves nothing about it: see ``isSigned(by:)``. The entries stay bytes, and are walked over for the serial
/// number that is asked for, because a list may have a million of them.
public struct RevocationList: Sendable {
    /// Who issued it.
    public let issuer: X509Name
    /// When it was issued.
    public let thisUpdate: Date
    /// When the next one is due at the latest.
    public let nextUpdate: Date?
    /// The number of the list, big-endian without leading zeros; `nil` without one.
    public private(set) var number: ArraySlice<UInt8>?
    /// For a delta list, the number of the base list from which on it tells changes.
    public private(set) var baseNumber: ArraySlice<UInt8>?
    /// What it is about, where that is not everything its issuer issued.
    public private(set) var scope: IssuingDistributionPoint?
    /// Where delta lists to it are.
    public private(set) var freshestLists: RevocationPointers?
    /// Critical extensions whose meaning is not known here, as dotted identifiers.
    public private(set) var unknownCritical: [String] = []
    private let signedBytes: ArraySlice<UInt8>
    private let algorithm: CertificateSignatureAlgorithm
    private let signature: ArraySlice<UInt8>
    private let entries: ArraySlice<UInt8>

    /// Reads one list; nothing may follow it.
    public init(_ bytes: [UInt8]) throws(SigningFormatError) {
        guard bytes.count <= SigningLimits.revocationListBytes else {
            throw SigningFormatError(.limitExceeded, "it has more than \(SigningLimits.revocationListBytes) bytes")
        }
        do {
            try self.init(scanning: bytes)
        } catch let error as SigningFormatError {
            throw error
        } catch {
            throw SigningFormatError(.malformed, "it is not the DER of a revocation list")
        }
    }

    private init(scanning bytes: [UInt8]) throws {
        var document = DERScanner(bytes[...])
        let list = try document.next(0x30)
        try document.end()
        var parts = DERScanner(list.content)
        let signed = try parts.next(0x30)
        let outerAlgorithm = try parts.next(0x30).encoded
        let signature = try ASN1BitString(derEncoded: try parts.next(0x03).encoded)
        try parts.end()
        guard signature.paddingBits == 0 else {
            throw SigningFormatError(.malformed, "its signature is not a whole number of bytes")
        }
        var fields = DERScanner(signed.content)
        guard fields.tag == 0x02, try fields.next(0x02).content.elementsEqual([1]) else {
            throw SigningFormatError(.unsupported, "it is of another version than 2")
        }
        guard try fields.next(0x30).encoded == outerAlgorithm else {
            throw SigningFormatError(.malformed, "it names two different signature algorithms")
        }
        issuer = try X509Name(try Self.node(try fields.next(0x30).encoded))
        guard let first = try fields.next() else { throw SigningFormatError(.malformed, "it has no date") }
        thisUpdate = try DERTime.date(try Self.node(first.encoded))
        let hasNext = fields.tag == 0x17 || fields.tag == 0x18
        nextUpdate = hasNext ? try fields.next().map { try DERTime.date(try Self.node($0.encoded)) } : nil
        entries = fields.tag == 0x30 ? try fields.next(0x30).content : []
        signedBytes = signed.encoded
        algorithm = try CertificateSignatureAlgorithm(try Self.node(outerAlgorithm))
        self.signature = signature.bytes
        if fields.tag == 0xA0 { try readExtensions(try fields.next(0xA0).encoded) }
        try fields.end()
    }

    /// Reads a part that is small by its nature.
    private static func node(_ bytes: ArraySlice<UInt8>) throws -> ASN1Node {
        guard bytes.count <= SigningLimits.certificateBytes else {
            throw SigningFormatError(
                .limitExceeded,
                "a part of it has more than \(SigningLimits.certificateBytes) bytes"
            )
        }
        return try ASN1Node.parsed(bytes, as: "it")
    }

    private mutating func readExtensions(_ tagged: ArraySlice<UInt8>) throws {
        for item in try RevocationExtension.list(try RevocationExtension.inside(try Self.node(tagged))) {
            switch item.identifier {
            case ObjectIdentifiers.crlNumber: number = try Self.number(item.value)
            case ObjectIdentifiers.deltaCRLIndicator where item.isCritical: baseNumber = try Self.number(item.value)
            case ObjectIdentifiers.deltaCRLIndicator:
                throw SigningFormatError(.malformed, "it is a delta list, but does not say so critically")
            case ObjectIdentifiers.issuingDistributionPoint: scope = try IssuingDistributionPoint(item.value)
            case ObjectIdentifiers.freshestCRL:
                freshestLists = try RevocationPointers(distributionPoints: try Self.node(item.value))
            default: break
            }
            let isUnderstood =
                item.identifier == ObjectIdentifiers.deltaCRLIndicator
                || item.identifier == ObjectIdentifiers.issuingDistributionPoint
            if item.isCritical, !isUnderstood { unknownCritical.append(item.identifier.description) }
        }
    }

    private static func number(_ value: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        guard value.count <= 64 else { throw SigningFormatError(.limitExceeded, "its number is too long") }
        let bytes = try ArraySlice<UInt8>(derEncoded: try DER.parse(value))
        return bytes.drop { $0 == 0 }
    }

    /// Whether the key of `issuer` made the signature over the list.
    ///
    /// Whether that key may sign lists is another question: ``X509Certificate/maySignRevocationLists``.
    public func isSigned(by issuer: X509Certificate) -> Bool {
        issuer.key.isValid(certificateSignature: signature, for: signedBytes, algorithm: algorithm)
    }

    /// What it is signed with, when that is no algorithm that may be used.
    public var unsupportedAlgorithm: String? { algorithm.unsupportedName }

    /// Whether two lists say the same about what they are about.
    public func hasSameScope(as other: RevocationList) -> Bool { scope?.der == other.scope?.der }

    /// The entries about one certificate, in the order of the list.
    ///
    /// Every entry is walked over, the others without a copy; a critical extension of unknown meaning makes the whole list
    /// unusable, for it may change what other entries are about (RFC 5280 §5.3).
    ///
    /// - Parameter serialNumber: the certificate's, big-endian.
    /// - Returns: the entries; empty when the certificate is not on the list.
    /// - Throws: ``SigningFormatError`` when an entry is malformed.
    public func entries(for serialNumber: ArraySlice<UInt8>) throws(SigningFormatError) -> [RevocationEntry] {
        let wanted = serialNumber.drop { $0 == 0 }
        var found: [RevocationEntry] = []
        var scanner = DERScanner(entries)
        while let element = try scanner.next() {
            guard try RevocationEntry.isWanted(element, serialNumber: wanted) else { continue }
            guard found.count < SigningLimits.revocationEntriesPerCertificate else {
                throw SigningFormatError(
                    .limitExceeded,
                    "it has more than \(SigningLimits.revocationEntriesPerCertificate) entries for one certificate"
                )
            }
            found.append(try RevocationEntry(element.encoded))
        }
        return found
    }
}

/// What a revocation list says about one certificate (RFC 5280 §5.3).
public struct RevocationEntry: Sendable, Hashable {
    /// When it was revoked.
    public let date: Date
    /// Why.
    public private(set) var reason: RevocationReason = .unspecified
    /// Since when its key is known or suspected to have been bad.
    public private(set) var invalidityDate: Date?

    /// The DER of id-ce-invalidityDate, the only extension of an entry that may be critical.
    private static let invalidityDateBytes: [UInt8] = [0x55, 0x1D, 0x18]

    /// Walks over one entry.
    static func isWanted(
        _ element: DERScanner.Element,
        serialNumber: ArraySlice<UInt8>
    ) throws(SigningFormatError) -> Bool {
        guard element.tag == 0x30 else { throw SigningFormatError(.malformed, "an entry of it is not a sequence") }
        var fields = DERScanner(element.content)
        let serial = try fields.next(0x02).content
        guard let time = try fields.next(), time.tag == 0x17 || time.tag == 0x18 else {
            throw SigningFormatError(.malformed, "an entry of it has no date")
        }
        if fields.tag != nil { try checkCriticality(try fields.next(0x30).content) }
        try fields.end()
        guard serial.count >= serialNumber.count, serial.last == serialNumber.last else {
            return serial.allSatisfy { $0 == 0 } && serialNumber.isEmpty
        }
        return serial.drop { $0 == 0 } == serialNumber
    }

    private static func checkCriticality(_ extensions: ArraySlice<UInt8>) throws(SigningFormatError) {
        var scanner = DERScanner(extensions)
        while scanner.tag != nil {
            var fields = DERScanner(try scanner.next(0x30).content)
            let identifier = try fields.next(0x06).content
            guard fields.tag == 0x01 else { continue }
            guard identifier.elementsEqual(invalidityDateBytes) else {
                throw SigningFormatError(
                    .unsupported,
                    "an entry of it has a critical extension, which is not understood here"
                )
            }
        }
    }

    init(_ bytes: ArraySlice<UInt8>) throws(SigningFormatError) {
        guard bytes.count <= SigningLimits.certificateBytes else {
            throw SigningFormatError(.limitExceeded, "an entry of it is too long")
        }
        do {
            let node = try ASN1Node.parsed(bytes, as: "an entry of it")
            self = try DER.sequence(node, identifier: .sequence) { nodes in
                _ = try ArraySlice<UInt8>(derEncoded: &nodes)
                guard let time = nodes.next() else { throw SigningFormatError(.malformed, "an entry has no date") }
                var entry = RevocationEntry(date: try DERTime.date(time))
                if let extensions = nodes.next() { try entry.read(try RevocationExtension.list(extensions)) }
                return entry
            }
        } catch let error as SigningFormatError {
            throw error
        } catch {
            throw SigningFormatError(.malformed, "an entry of it is not valid DER")
        }
    }

    private init(date: Date) { self.date = date }

    private mutating func read(_ extensions: [RevocationExtension]) throws {
        for item in extensions {
            switch item.identifier {
            case ObjectIdentifiers.reasonCode: reason = try RevocationReason(enumerated: try DER.parse(item.value))
            case ObjectIdentifiers.invalidityDate: invalidityDate = try DERTime.generalized(try DER.parse(item.value))
            default: break
            }
        }
    }
}
