public import FoundationEssentials

/// What a time-stamping authority shall say (TSTInfo): right as it comes, and changeable in every part.
public struct TimestampInfoRecipe: Sendable {
    /// The version.
    public var version = 1
    /// The policy, written with dots.
    public var policy = "1.3.6.1.4.1.32473.1"
    /// The hash that the imprint says it is made with.
    public var hash = TestHash.sha256
    /// The imprint.
    public var imprint: [UInt8]
    /// The serial number.
    public var serialNumber = 815
    /// The time, as GeneralizedTime writes it.
    public var time: String
    /// The accuracy as DER; empty leaves it out.
    public var accuracy: [UInt8] = []
    /// What follows the accuracy: ordering, nonce, the authority's name and extensions, as DER.
    public var tail: [UInt8] = []

    /// Says that `bytes` existed at `date`.
    public init(of bytes: [UInt8], at date: Date, hash: TestHash = .sha256) {
        imprint = hash.digest(bytes)
        self.hash = hash
        time = Self.text(date)
    }

    /// Says what somebody asks for: an imprint made elsewhere, and the request's nonce.
    init(imprint: [UInt8], hash: TestHash, nonce: [UInt8], at date: Date) {
        self.imprint = imprint
        self.hash = hash
        time = Self.text(date)
        tail = nonce
    }

    /// A date as GeneralizedTime writes it, to the second.
    public static func text(_ date: Date) -> String { date.formatted(.iso8601).filter(\.isNumber) + "Z" }

    /// An Accuracy.
    ///
    /// - Parameters:
    ///   - seconds: whole seconds; `nil` leaves them out.
    ///   - millis: thousandths; `nil` leaves them out.
    ///   - micros: millionths; `nil` leaves them out.
    /// - Returns: the DER.
    public static func accuracy(seconds: Int? = nil, millis: Int? = nil, micros: Int? = nil) -> [UInt8] {
        func part(_ value: Int?, tag: UInt8) -> [UInt8] {
            value.map { DERWriter.element(tag, Array(DERWriter.integer($0).dropFirst(2))) } ?? []
        }
        return DERWriter.sequence(part(seconds, tag: 0x02), part(millis, tag: 0x80), part(micros, tag: 0x81))
    }

    /// One extension, to stand in ``tail``.
    public static func extensions(_ type: String, isCritical: Bool) -> [UInt8] {
        DERWriter.tagged(
            1,
            DERWriter.sequence(
                DERWriter.objectIdentifier(type),
                isCritical ? DERWriter.boolean(true) : [],
                DERWriter.octetString(DERWriter.null)
            )
        )
    }

    /// The DER.
    public var der: [UInt8] {
        DERWriter.sequence(
            DERWriter.integer(version),
            DERWriter.objectIdentifier(policy),
            DERWriter.sequence(hash.identifier, DERWriter.octetString(imprint)),
            DERWriter.integer(serialNumber),
            DERWriter.element(0x18, Array(time.utf8)),
            accuracy,
            tail
        )
    }
}
