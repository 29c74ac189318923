import FoundationEssentials
import SwiftASN1

/// The times of certificates, revocation lists and OCSP (RFC 5280 §4.1.2.5): UTCTime or GeneralizedTime, in UTC, with
/// seconds and without a fraction.
enum DERTime {
    /// Reads either kind.
    static func date(_ node: ASN1Node) throws -> Date {
        guard node.identifier == .utcTime else { return try generalized(node) }
        return try date(CivilTime(try UTCTime(derEncoded: node)))
    }

    /// Reads a GeneralizedTime.
    static func generalized(_ node: ASN1Node) throws -> Date {
        let time = try GeneralizedTime(derEncoded: node)
        guard time.fractionalSeconds == 0 else {
            throw SigningFormatError(.malformed, "a time has a fraction of a second")
        }
        return try date(CivilTime(time))
    }

    private static func date(_ civil: CivilTime?) throws -> Date {
        guard let civil else { throw SigningFormatError(.malformed, "a time is no date") }
        return civil.date
    }
}

extension CivilTime {
    /// The same point in time; `nil` when it is none.
    init?(_ time: UTCTime) {
        self.init(
            year: time.year,
            month: time.month,
            day: time.day,
            hour: time.hours,
            minute: time.minutes,
            second: time.seconds
        )
    }

    /// The same point in time, without the fraction; `nil` when it is none.
    init?(_ time: GeneralizedTime) {
        self.init(
            year: time.year,
            month: time.month,
            day: time.day,
            hour: time.hours,
            minute: time.minutes,
            second: time.seconds
        )
    }
}
