import KubernetesAPI
import Testing

@testable import KubernetesClient

/// What is remembered of tokens and rights, for how long, and how much of it at most.
@Suite("What is remembered of tokens")
struct AccessMemoryTests {
    private static let metrics = AccessAction(verb: "get", path: "/metrics")
    private static let prometheus = TokenReview.UserInfo(username: "prometheus", groups: ["monitoring"])
    private static let wish = AccessMemory.Wish(user: prometheus, action: metrics)

    private static func seconds(_ count: Int) -> Duration { .seconds(count) }

    @Test("a table believes its values for their age, and no longer")
    func age() {
        var table = ExpiringTable<String, Int>(age: .seconds(10), capacity: 4)
        table.set(1, for: "a", at: .seconds(5))
        #expect(table.value(of: "a", at: .seconds(14)) == 1)
        #expect(table.value(of: "a", at: .seconds(15)) == nil)
        table.set(2, for: "b", at: .seconds(15))
        #expect(table.count == 1, "what is too old is forgotten")
    }

    @Test("a table has room for so many values, and the oldest go first; learning again counts as new")
    func capacity() {
        var table = ExpiringTable<String, Int>(age: .seconds(100), capacity: 3)
        for (second, key) in ["a", "b", "c", "a", "d"].enumerated() {
            table.set(second, for: key, at: .seconds(second))
        }
        #expect(table.value(of: "b", at: .seconds(5)) == nil)
        #expect(["c", "a", "d"].map { table.value(of: $0, at: .seconds(5)) } == [2, 3, 4])
        for number in 0..<10_000 { table.set(number, for: "k\(number)", at: .seconds(6)) }
        #expect(table.count == 3)
    }

    @Test("first the token is asked about, then the wish, then both are known")
    func steps() {
        var memory = AccessMemory(AccessLimits())
        let token = AccessMemory.TokenKey("good")
        #expect(memory.step(token, Self.metrics, at: .zero) == .askAboutToken)
        memory.learn(token, belongsTo: Self.prometheus, at: .zero)
        #expect(memory.step(token, Self.metrics, at: .zero) == .askAboutWish(Self.wish))
        memory.learn(Self.wish, isAllowed: true, at: .zero)
        #expect(memory.step(token, Self.metrics, at: .seconds(59)) == .decided(.allowed(user: "prometheus")))
        #expect(memory.step(token, Self.metrics, at: .seconds(60)) == .askAboutToken)
        let other = AccessAction(verb: "get", path: "/status")
        #expect(
            memory.step(token, other, at: .seconds(1)) == .askAboutWish(.init(user: Self.prometheus, action: other))
        )
    }

    @Test(
        "a right that was taken away is noticed after 30 seconds if it was missing, after five minutes if it was there"
    )
    func ages() {
        for (isAllowed, believed) in [(true, 299), (false, 29)] {
            var memory = AccessMemory(AccessLimits())
            let token = AccessMemory.TokenKey("good")
            memory.learn(Self.wish, isAllowed: isAllowed, at: .zero)
            let decision: AccessDecision = isAllowed ? .allowed(user: "prometheus") : .denied(user: "prometheus")
            memory.learn(token, belongsTo: Self.prometheus, at: .seconds(believed))
            #expect(memory.step(token, Self.metrics, at: .seconds(believed)) == .decided(decision))
            #expect(memory.step(token, Self.metrics, at: .seconds(believed + 1)) == .askAboutWish(Self.wish))
        }
    }

    @Test("a flood of tokens that are nobody's is bounded, and takes no place of one that is good")
    func flood() {
        var memory = AccessMemory(AccessLimits())
        let token = AccessMemory.TokenKey("good")
        memory.learn(token, belongsTo: Self.prometheus, at: .zero)
        memory.learn(Self.wish, isAllowed: true, at: .zero)
        for number in 0..<20_000 {
            memory.learn(AccessMemory.TokenKey("bad\(number)"), belongsTo: nil, at: .seconds(1))
        }
        #expect(memory.count == 1024 + 2)
        #expect(memory.step(token, Self.metrics, at: .seconds(2)) == .decided(.allowed(user: "prometheus")))
        let last = AccessMemory.TokenKey("bad19999")
        #expect(memory.step(last, Self.metrics, at: .seconds(2)) == .decided(.unauthenticated))
        #expect(memory.step(last, Self.metrics, at: .seconds(31)) == .askAboutToken)
    }

    @Test("what is remembered of a token is not the token")
    func digest() {
        var memory = AccessMemory(AccessLimits())
        memory.learn(AccessMemory.TokenKey("s3cr3t-token"), belongsTo: Self.prometheus, at: .zero)
        var text = ""
        dump(memory, to: &text)
        #expect(text.contains("prometheus") && !text.contains("s3cr3t"))
    }
}
