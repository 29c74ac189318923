import TestTiming
import Testing

@testable import TrustResources

struct DurationTextTests {
    @Test(
        "Go's durations are read exactly",
        arguments: [
            ("60s", Duration.seconds(60)), ("1h30m", .seconds(5400)), ("500ms", .milliseconds(500)),
            ("1.5h", .seconds(5400)), ("0.000000001s", .nanoseconds(1)), ("2us3ns", .nanoseconds(2003)), ("0s", .zero),
            ("00010s", .seconds(10)), ("1.9ns", .nanoseconds(1)), ("0.1s", .milliseconds(100)),
            ("1s1h", .seconds(3601)),
        ]
    )
    func reading(_ text: String, _ duration: Duration) throws { #expect(try DurationText.parse(text) == duration) }

    @Test(
        "anything else is refused",
        arguments: [
            "", "60", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1.s", ".5s", "1..5s", "1.5.5s", "1d", "1S", "1µs",
            "1e3s", "0x1s",
            "9223372037s", "99999999999999999999h", "9999999h", "9223372036854775807h", "١s", "1s\n", "1s\u{0}", "1h1",
            String(repeating: "1s", count: 17),
        ]
    )
    func refusing(_ text: String) { #expect(throws: DurationText.Defect.self) { try DurationText.parse(text) } }

    @Test("bounds are told")
    func bounds() {
        let bounds: ClosedRange<Duration> = .seconds(10) ... .seconds(86_400)
        #expect(throws: DurationText.Defect(message: "\"9s\" is out of bounds: from 10s to 24h is allowed")) {
            try DurationText.parse("9s", in: bounds)
        }
        #expect(throws: DurationText.Defect.self) { try DurationText.parse("25h", in: bounds) }
        #expect(throws: Never.self) { try DurationText.parse("10s", in: bounds) }
        #expect(throws: Never.self) { try DurationText.parse("24h", in: bounds) }
    }

    @Test("what is written reads back, and is what Go would write but for trailing zeros")
    func writing() throws {
        #expect(DurationText.format(.seconds(5400)) == "1h30m")
        #expect(DurationText.format(.seconds(86_400)) == "24h")
        #expect(DurationText.format(.milliseconds(90_500)) == "1m30s500ms")
        #expect(DurationText.format(.zero) == "0s")
        #expect(DurationText.format(.seconds(-5)) == "0s")
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let duration = Duration.nanoseconds(
                Int64.random(in: 0...(Int64.max / 4), using: &random) >> Int64.random(in: 0..<60, using: &random)
            )
            let text = DurationText.format(duration)
            if text.utf8.count <= DurationText.maximumBytes {
                #expect(try DurationText.parse(text) == duration, "\(text)")
            }
        }
    }

    @Test("random texts never trap")
    func mutation() {
        let letters = Array("0123456789.smhnu µ-+e\u{0}")
        var random = SeededGenerator(seed: 11)
        for _ in 0..<5000 {
            let count = Int.random(in: 0..<34, using: &random)
            let text = String((0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
            if let duration = try? DurationText.parse(text) { #expect(duration >= .zero) }
        }
    }
}
