public import FoundationEssentials

/// What to put into a certificate revocation list.
///
/// The defaults are right; every field can be made wrong.
public struct RevocationListRecipe: Sendable {
    /// One entry.
    public struct Entry: Sendable {
        /// The serial number of the certificate.
        public var serialNumber: Int
        /// When it was revoked.
        public var date: Date
        /// The reason code; `nil` leaves the extension out.
        public var reason: UInt8?
        /// The invalidity date; `nil` leaves the extension out.
        public var invalidityDate: Date?
        /// Other extensions.
        public var extensions: [CertificateRecipe.Extension] = []

        /// Creates an entry.
        public init(_ serialNumber: Int, at date: Date, reason: UInt8? = nil, invalidityDate: Date? = nil) {
            self.serialNumber = serialNumber
            self.date = date
            self.reason = reason
            self.invalidityDate = invalidityDate
        }

        var der: [UInt8] {
            var list = extensions
            if let reason {
                list.append(.init("2.5.29.21", isCritical: false, value: DERWriter.element(0x0A, [reason])))
            }
            if let invalidityDate {
                let value = DERWriter.generalizedTime(invalidityDate)
                list.append(.init("2.5.29.24", isCritical: false, value: value))
            }
            return DERWriter.sequence(
                DERWriter.integer(serialNumber),
                DERWriter.time(date),
                list.isEmpty ? [] : CertificateRecipe.encoded(list)
            )
        }
    }

    /// The version as encoded: 1 is v2; `nil` leaves it out.
    public var version: Int? = 1
    /// When it was issued.
    public var thisUpdate: Date
    /// When the next one is due; `nil` leaves it out.
    public var nextUpdate: Date?
    /// The entries.
    public var entries: [Entry] = []
    /// The entries in DER, instead of ``entries``.
    public var rawEntries: [UInt8]?
    /// The number of the list; `nil` leaves the extension out.
    public var number: Int? = 1
    /// For a delta list, the number of its base.
    public var baseNumber: Int?
    /// Whether the delta indicator is critical.
    public var isBaseNumberCritical = true
    /// The content of an issuing distribution point: see ``scope(places:flags:)``.
    public var scope: [UInt8]?
    /// Where delta lists are.
    public var freshestURLs: [String] = []
    /// Other extensions.
    public var extensions: [CertificateRecipe.Extension] = []
    /// Another issuer name than the issuer's subject, in DER.
    public var issuerName: [UInt8]?
    /// How the issuer signs; `nil` for what its key usually does.
    public var signature: CertificateSignature?
    /// Another AlgorithmIdentifier inside the signed part.
    public var innerAlgorithm: [UInt8]?
    /// Whether to spoil the signature.
    public var hasBrokenSignature = false

    /// Creates a recipe for a list of a week that is a day old at `now`.
    public init(now: Date, entries: [Entry] = []) {
        thisUpdate = now.addingTimeInterval(-86_400)
        nextUpdate = now.addingTimeInterval(6 * 86_400)
        self.entries = entries
    }

    /// The content of an issuing distribution point.
    ///
    /// - Parameters:
    ///   - places: the URLs of the list.
    ///   - flags: numbers of the fields that are true: 1 users only, 2 CAs only, 4 indirect, 5 attributes only; 3 adds some
    ///     reasons.
    /// - Returns: the DER.
    public static func scope(places: [String] = [], flags: [UInt8] = []) -> [UInt8] {
        let names = places.flatMap { DERWriter.element(0x86, Array($0.utf8)) }
        var fields = places.isEmpty ? [] : DERWriter.tagged(0, DERWriter.tagged(0, names))
        for flag in flags { fields += DERWriter.element(0x80 | flag, flag == 3 ? [6, 0x40] : [0xFF]) }
        return DERWriter.element(0x30, fields)
    }

    /// Makes the list, signed by `issuer`.
    public func issue(by issuer: TestCertificate) throws -> [UInt8] {
        let algorithm = signature ?? .usual(issuer.key.kind)
        let list = rawEntries ?? entries.flatMap(\.der)
        let tbs = DERWriter.sequence(
            version.map(DERWriter.integer) ?? [],
            innerAlgorithm ?? algorithm.identifier,
            issuerName ?? issuer.subject,
            DERWriter.time(thisUpdate),
            nextUpdate.map(DERWriter.time) ?? [],
            list.isEmpty ? [] : DERWriter.element(0x30, list),
            extensionList
        )
        var signature = try algorithm.sign(tbs, key: issuer.key)
        if hasBrokenSignature { signature[signature.count / 2] ^= 0x01 }
        return DERWriter.sequence(tbs, algorithm.identifier, DERWriter.bitString(signature))
    }

    private var extensionList: [UInt8] {
        var list = extensions
        if let number { list.append(.init("2.5.29.20", isCritical: false, value: DERWriter.integer(number))) }
        if let baseNumber {
            list.append(
                .init("2.5.29.27", isCritical: isBaseNumberCritical, value: DERWriter.integer(baseNumber))
            )
        }
        if let scope { list.append(.init("2.5.29.28", isCritical: true, value: scope)) }
        if !freshestURLs.isEmpty {
            list.append(
                .init("2.5.29.46", isCritical: false, value: CertificateRecipe.distributionPoints(freshestURLs))
            )
        }
        return list.isEmpty ? [] : DERWriter.tagged(0, CertificateRecipe.encoded(list))
    }
}
