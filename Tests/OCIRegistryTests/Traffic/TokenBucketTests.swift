import TestTiming
import Testing

@testable import OCIRegistry

@Suite("A bucket of tokens")
struct TokenBucketTests {
    private static func bucket(_ capacity: Double = 3, perSecond: Double = 2) -> TokenBucket {
        TokenBucket(capacity: capacity, perSecond: perSecond, now: .zero)
    }

    @Test("what it holds goes at once, the rest at its rate, in the order of those who came")
    func rate() {
        var bucket = Self.bucket()
        var waits: [Duration] = []
        for _ in 0..<6 {
            waits.append(bucket.wait(.zero))
            bucket.take(.zero)
        }
        #expect(waits == [.zero, .zero, .zero, .milliseconds(500), .seconds(1), .milliseconds(1500)])
    }

    @Test("it fills while nobody takes, and no further than it holds")
    func fills() {
        var bucket = Self.bucket()
        for _ in 0..<3 { bucket.take(.zero) }
        #expect(bucket.wait(.milliseconds(500)) == .zero)
        bucket.take(.milliseconds(500))
        #expect(bucket.wait(.milliseconds(500)) == .milliseconds(500))
        #expect(bucket.wait(.seconds(3600)) == .zero)
        for _ in 0..<3 { bucket.take(.seconds(3600)) }
        #expect(bucket.wait(.seconds(3600)) == .milliseconds(500))
    }

    @Test("what is given back can be taken by another")
    func givenBack() {
        var bucket = Self.bucket(1)
        bucket.take(.zero)
        bucket.giveBack()
        #expect(bucket.wait(.zero) == .zero)
        bucket.giveBack()
        bucket.take(.zero)
        #expect(bucket.wait(.zero) > .zero)
    }

    @Test("a complaint empties it and halves its rate, once a second; a minute of quiet doubles it again")
    func slowsDown() {
        var bucket = Self.bucket(10, perSecond: 1)
        bucket.slowDown(.zero)
        bucket.slowDown(.milliseconds(10))
        #expect(bucket.wait(.milliseconds(10)) / .seconds(1) > 1.9)
        #expect(bucket.wait(.milliseconds(10)) / .seconds(1) <= 2)
        bucket.slowDown(.seconds(2))
        #expect(bucket.wait(.seconds(2)) == .seconds(4))
        #expect(!bucket.isAtRest(.seconds(61)))
        // After a minute half as slow, after two as fast as ever.
        var later = Self.bucket(1, perSecond: 1)
        later.slowDown(.zero)
        later.slowDown(.seconds(2))
        later.take(.seconds(70))
        #expect(later.wait(.seconds(70)) == .seconds(2))
        later.take(.seconds(200))
        #expect(later.wait(.seconds(200)) == .seconds(1))
        #expect(later.isAtRest(.seconds(300)))
    }

    @Test("endless complaints do not stop it for good")
    func floor() {
        var bucket = Self.bucket(1, perSecond: 1)
        for second in 0..<100 { bucket.slowDown(.seconds(second)) }
        #expect(bucket.wait(.seconds(99)) == .seconds(64))
    }

    @Test("over any time no more go than it holds and what comes meanwhile, whatever happens in between")
    func bound() {
        var random = SeededGenerator(seed: testSeed("token bucket"))
        for _ in 0..<200 {
            let capacity = Double.random(in: 1...50, using: &random)
            let perSecond = Double.random(in: 0.01...100, using: &random)
            var bucket = TokenBucket(capacity: capacity, perSecond: perSecond, now: .zero)
            var now = Duration.zero
            var gone = 0
            for _ in 0..<300 {
                now += .milliseconds(Int.random(in: 0...500, using: &random))
                switch Int.random(in: 0...9, using: &random) {
                case 0: bucket.slowDown(now)
                case 1:
                    bucket.take(now)
                    bucket.giveBack()
                default:
                    guard bucket.wait(now) == .zero else { continue }
                    bucket.take(now)
                    gone += 1
                }
            }
            #expect(Double(gone) <= capacity + now / .seconds(1) * perSecond + 1)
        }
    }
}
