import TestTiming
import Testing

@testable import OCIRegistry

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    private static func opened(at now: Duration = .zero) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.failuresToOpen { breaker.ended(breaker.enter(now), .failed, now: now) }
        return breaker
    }

    @Test("five failures in a row open it, four with an answer between them do not")
    func opens() {
        #expect(Self.opened().isOpen)
        var breaker = CircuitBreaker()
        for _ in 0..<20 {
            for _ in 0..<(CircuitBreaker.failuresToOpen - 1) {
                breaker.ended(breaker.enter(.zero), .failed, now: .zero)
            }
            breaker.ended(breaker.enter(.zero), .answered, now: .zero)
        }
        #expect(!breaker.isOpen)
        #expect(breaker.isAtRest)
    }

    @Test("what was given up counts for nothing")
    func givenUp() {
        var breaker = CircuitBreaker()
        for _ in 0..<50 { breaker.ended(breaker.enter(.zero), .unknown, now: .zero) }
        #expect(breaker.isAtRest)
    }

    @Test("while it is open nobody goes; then one does, and what comes of it decides")
    func probe() {
        var breaker = Self.opened()
        #expect(breaker.enter(.seconds(4)) == .refused(.seconds(1)))
        #expect(breaker.enter(.seconds(5)) == .probe)
        #expect(breaker.enter(.seconds(5)) == .refused(.seconds(10)))
        breaker.ended(.probe, .answered, now: .seconds(6))
        #expect(breaker.enter(.seconds(6)) == .pass)
        #expect(breaker.isAtRest)
    }

    @Test("probes that fail come more and more slowly, and never more slowly than the longest pause")
    func pauses() {
        var breaker = Self.opened()
        var now = Duration.zero
        var gaps: [Duration] = []
        for _ in 0..<6 {
            let before = now
            while case .refused(let pause) = breaker.enter(now) { now += pause }
            gaps.append(now - before)
            breaker.ended(.probe, .failed, now: now + .milliseconds(100))
        }
        #expect(gaps == [.seconds(5), .seconds(10), .seconds(15), .seconds(15), .seconds(15), .seconds(15)])
    }

    @Test("a probe that hangs holds up the next for no longer than one that fails")
    func slowProbe() {
        var breaker = Self.opened()
        #expect(breaker.enter(.seconds(5)) == .probe)
        #expect(breaker.enter(.seconds(14)) == .refused(.seconds(1)))
        #expect(breaker.enter(.seconds(15)) == .probe)
        #expect(breaker.enter(.seconds(16)) == .refused(.seconds(14)))
        breaker.ended(.probe, .failed, now: .seconds(25))
        #expect(breaker.enter(.seconds(29)) == .refused(.seconds(1)))
        #expect(breaker.enter(.seconds(30)) == .probe)
        breaker.ended(.probe, .answered, now: .seconds(31))
        #expect(breaker.isAtRest)
    }

    @Test("a probe that is given up leaves its place to another")
    func cancelledProbe() {
        var breaker = Self.opened()
        #expect(breaker.enter(.seconds(5)) == .probe)
        breaker.ended(.probe, .unknown, now: .seconds(6))
        #expect(breaker.enter(.seconds(6)) == .probe)
    }

    @Test("failures of requests that began before do not make it worse, an answer to one makes it good")
    func stragglers() {
        var breaker = Self.opened()
        for _ in 0..<10 { breaker.ended(.pass, .failed, now: .seconds(1)) }
        #expect(breaker.enter(.seconds(5)) == .probe)
        breaker.ended(.pass, .failed, now: .seconds(5))
        #expect(breaker.enter(.seconds(6)) == .refused(.seconds(9)))
        breaker.ended(.pass, .answered, now: .seconds(7))
        #expect(breaker.enter(.seconds(7)) == .pass)
        breaker.ended(.probe, .failed, now: .seconds(8))
        #expect(!breaker.isOpen)
    }

    @Test(
        "whatever happens, a host that is well again is asked within the longest pause"
    )
    func recovery() {
        var random = SeededGenerator(seed: testSeed("circuit breaker"))
        for _ in 0..<300 {
            var breaker = CircuitBreaker()
            var now = Duration.zero
            var underWay: [CircuitBreaker.Passage] = []
            for _ in 0..<200 {
                now += .milliseconds(Int.random(in: 0...3000, using: &random))
                if Bool.random(using: &random) {
                    let passage = breaker.enter(now)
                    if passage == .pass || passage == .probe { underWay.append(passage) }
                } else if let index = underWay.indices.randomElement(using: &random) {
                    let outcome: CircuitBreaker.Outcome =
                        Int.random(in: 0...3, using: &random) == 0 ? .unknown : .failed
                    breaker.ended(underWay.remove(at: index), outcome, now: now)
                }
            }
            // From here on the host answers; what is under way hangs.
            let well = now
            while case .refused(let pause) = breaker.enter(now) { now += pause }
            #expect(now - well <= CircuitBreaker.longestPause)
        }
    }
}
