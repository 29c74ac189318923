import FoundationEssentials
import Testing

@testable import TrustControllers

@Suite("When an image is looked at again")
struct JudgementTimeTests {
    private static let now = Date(timeIntervalSince1970: 1_780_272_000.25)

    @Test("is the next moment after its delay that others have too")
    func together() {
        // The seconds since 1970 are a multiple of five, and a quarter.
        #expect(ImageReconciler.together(.seconds(60), now: Self.now) == .seconds(64.75))
        #expect(ImageReconciler.together(.seconds(64), now: Self.now) == .seconds(64.75))
        #expect(ImageReconciler.together(.milliseconds(64_750), now: Self.now) == .milliseconds(64_750))
        #expect(ImageReconciler.together(.seconds(3600), now: Self.now) == .seconds(3604.75))
        #expect(ImageReconciler.together(.seconds(25), now: Self.now) == .seconds(25.75))
    }

    @Test("is never earlier than its delay, and at most a tenth and five seconds later")
    func bounds() {
        for milliseconds in stride(from: 10_000, through: 900_000, by: 777) {
            let delay = Duration.milliseconds(milliseconds)
            let late = ImageReconciler.together(delay, now: Self.now) - delay
            #expect(late >= .microseconds(-1) && late <= min(delay / 10, .seconds(5)))
        }
    }

    @Test("is exactly its delay where that is short, as after an outage")
    func short() {
        #expect(ImageReconciler.together(.milliseconds(9_999), now: Self.now) == .milliseconds(9_999))
        #expect(ImageReconciler.together(.milliseconds(100), now: Self.now) == .milliseconds(100))
    }

    @Test(
        "asks the registry about a trusted image after the flag's time, five intervals or half the staleness",
        arguments: [
            (300, 60, 86_400, 300), (300, 1, 86_400, 5), (300, 60, 120, 60), (0, 60, 86_400, 0),
            (900, 600, 86_400, 900),
        ]
    )
    func trustedAge(longest: Int, interval: Int, maxStaleness: Int, expected: Int) {
        let age = { (spread: Double) in
            ImageReconciler.trustedAge(
                .seconds(longest),
                interval: .seconds(interval),
                maxStaleness: .seconds(maxStaleness),
                spread: spread
            )
        }
        #expect(age(1) == .seconds(expected))
        #expect(age(0) == .seconds(expected) * 0.6)
    }
}
