import FoundationEssentials
import KubernetesAPI
import Testing

@Suite struct KubernetesTimeTests {
    @Test(
        "RFC 3339 times of every form name the right moment",
        arguments: [
            ("1970-01-01T00:00:00Z", 0.0), ("2026-11-21T04:30:00Z", 1_795_235_400),
            ("2026-11-21T04:30:00+08:00", 1_795_206_600),
            ("2024-02-29T23:59:59-01:30", 1_709_256_599), ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ]
    )
    func read(_ text: String, _ seconds: Double) {
        #expect(KubernetesTime(text)?.date.timeIntervalSince1970 == seconds)
    }

    @Test(
        "texts that are no RFC 3339 time are refused",
        arguments: [
            "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21T04:30:00",
            "2026-11-21T04:30:00.Z", "2026-11-21T04:30:00.1234567890Z", "2026-11-21T04:30:00+24:00",
            "2026-11-21T04:30:00Zx",
            "+026-11-21T04:30:00Z", "2026-11-21 04:30:00Z",
        ]
    )
    func refused(_ text: String) { #expect(KubernetesTime(text) == nil) }

    @Test("times are written in UTC, whole seconds or exactly six digits")
    func written() {
        let date = Date(timeIntervalSince1970: 1_795_235_400.1234567)
        #expect(KubernetesTime(date).description == "2026-11-21T04:30:00Z")
        #expect(MicroTime(date).description == "2026-11-21T04:30:00.123456Z")
        #expect(KubernetesTime(Date(timeIntervalSince1970: -1)).description == "1969-12-31T23:59:59Z")
        #expect(MicroTime("2026-11-21T04:30:00.5Z")?.description == "2026-11-21T04:30:00.500000Z")
    }

    @Test("every day of four centuries reads back as written")
    func roundTrip() {
        for day in stride(from: -100_000, through: 150_000, by: 97) {
            let time = KubernetesTime(Date(timeIntervalSince1970: Double(day) * 86_400 + 3_661))
            #expect(KubernetesTime(time.description) == time)
        }
    }
}
