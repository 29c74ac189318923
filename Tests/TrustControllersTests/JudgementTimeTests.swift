import FoundationEssentials
import Testing

@testable import TrustControllers

@Suite("When an image is looked at again")
struct JudgementTimeTests {
    private static let now = Date(timeIntervalSince1970: 1_780_272_000.25)

    @Test("is the next whole second after its delay, so that images share a moment")
    func together() {
        let delay = ImageReconciler.together(.seconds(60), now: Self.now)
        #expect(delay == .seconds(60.75))
        #expect(ImageReconciler.together(.milliseconds(60_750), now: Self.now) == .milliseconds(60_750))
    }

    @Test("is never earlier than its delay, and less than a second later")
    func bounds() {
        for milliseconds in stride(from: 10_000, through: 90_000, by: 777) {
            let delay = Duration.milliseconds(milliseconds)
            let shifted = ImageReconciler.together(delay, now: Self.now)
            #expect(shifted >= delay - .microseconds(1) && shifted < delay + .seconds(1))
        }
    }

    @Test("is exactly its delay where that is short, as after an outage or before a verdict lapses")
    func short() {
        #expect(ImageReconciler.together(.milliseconds(9_999), now: Self.now) == .milliseconds(9_999))
        #expect(ImageReconciler.together(.milliseconds(100), now: Self.now) == .milliseconds(100))
    }
}
