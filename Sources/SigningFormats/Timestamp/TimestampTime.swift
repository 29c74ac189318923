import FoundationEssentials
import SwiftASN1

/// GeneralizedTime as DER writes it: UTC, seconds, and a fraction without trailing zeros (X.690 §11.7).
enum TimestampTime {
    /// The time since 1970-01-01T00:00:00Z, to the nanosecond.
    ///
    /// A fraction of more than nine digits is refused: no clock is that good, and nothing must be rounded.
    static func sinceEpoch(_ node: ASN1Node) throws -> Duration {
        guard node.identifier == .generalizedTime, case .primitive(let bytes) = node.content,
            let time = sinceEpoch(bytes)
        else { throw SigningFormatError(.malformed, "the time of the timestamp is not one that DER allows") }
        return time
    }

    /// The same moment, to the precision of a `Date`.
    static func date(_ sinceEpoch: Duration) -> Date {
        let (seconds, attoseconds) = sinceEpoch.components
        return Date(timeIntervalSince1970: Double(seconds) + Double(attoseconds) * 1e-18)
    }

    private static func sinceEpoch(_ bytes: ArraySlice<UInt8>) -> Duration? {
        guard bytes.count <= 25, bytes.last == UInt8(ascii: "Z") else { return nil }
        var rest = bytes.dropLast()
        func number(_ digits: Int) -> Int? {
            guard rest.count >= digits else { return nil }
            var value = 0
            for byte in rest.prefix(digits) {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(digits)
            return value
        }
        guard let year = number(4), let month = number(2), let day = number(2), let hour = number(2),
            let minute = number(2), let second = number(2),
            let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        let whole = Duration.seconds(civil.secondsSinceEpoch)
        guard !rest.isEmpty else { return whole }
        guard rest.popFirst() == UInt8(ascii: "."), (1...9).contains(rest.count), rest.last != UInt8(ascii: "0") else {
            return nil
        }
        let missing = 9 - rest.count
        guard var nanoseconds = number(rest.count) else { return nil }
        for _ in 0..<missing { nanoseconds *= 10 }
        return whole + .nanoseconds(nanoseconds)
    }
}
