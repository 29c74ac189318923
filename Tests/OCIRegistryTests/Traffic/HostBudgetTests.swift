import OutboundHTTP
import Testing

@testable import OCIRegistry

@Suite("The budget of a host")
struct HostBudgetTests {
    private static func budget(
        requests: RegistryAllowance.Rate? = nil,
        pulls: RegistryAllowance.Rate? = nil,
        announces: Bool = false,
        share: Double = 1
    ) -> HostBudget {
        var allowance = RegistryAllowance(requests: requests, pulls: pulls)
        allowance.announcesPulls = announces
        return HostBudget(allowance, share: share, now: .zero)
    }

    private static func reserve(_ budget: inout HostBudget, isPull: Bool = false, at now: Duration = .zero)
        -> HostBudget.Decision
    {
        budget.reserve(isPull: isPull, patience: .seconds(10), now: now)
    }

    @Test("without an allowance everything goes")
    func none() {
        var budget = Self.budget()
        for _ in 0..<10_000 { #expect(Self.reserve(&budget, isPull: true) == .go(after: .zero)) }
        #expect(budget.isAtRest(.zero))
    }

    @Test("what takes longer than the patience is refused, and takes nothing from those who come later")
    func patience() {
        var budget = Self.budget(requests: .init(burst: 1, perSecond: 0.2))
        #expect(Self.reserve(&budget) == .go(after: .zero))
        #expect(Self.reserve(&budget) == .go(after: .seconds(5)))
        #expect(Self.reserve(&budget) == .go(after: .seconds(10)))
        for _ in 0..<5 { #expect(Self.reserve(&budget) == .refused(.seconds(15), because: .requests)) }
        #expect(Self.reserve(&budget, at: .seconds(5)) == .go(after: .seconds(10)))
    }

    @Test("pulls count for manifests alone")
    func pulls() {
        var budget = Self.budget(pulls: .init(burst: 1, perSecond: 0.001))
        #expect(Self.reserve(&budget, isPull: true) == .go(after: .zero))
        #expect(Self.reserve(&budget, isPull: true) == .refused(.seconds(1000), because: .pulls))
        #expect(Self.reserve(&budget) == .go(after: .zero))
    }

    @Test("Retry-After is a pause for everybody, of a quarter of an hour at most, and of a minute for an outage")
    func pause() {
        for (status, asked, pause) in [
            (429, 3, 3), (429, 86_400, 900), (503, 3, 3), (503, 86_400, 60), (500, 3, 0), (200, 3, 0),
        ] {
            var budget = Self.budget()
            budget.answered(status, isPull: false, notice: nil, retryAfter: .seconds(asked), now: .seconds(100))
            #expect(budget.pause(.seconds(100)) == .seconds(pause), "\(status)")
            #expect(budget.isAtRest(.seconds(100)) == (pause == 0))
            let decision = Self.reserve(&budget, at: .seconds(100))
            #expect(decision == (pause > 10 ? .refused(.seconds(pause), because: .asked) : .go(after: .seconds(pause))))
            #expect(Self.reserve(&budget, at: .seconds(100 + pause)) == .go(after: .zero))
        }
    }

    @Test("a shorter pause does not end a longer one")
    func pauses() {
        var budget = Self.budget()
        budget.answered(429, isPull: false, notice: nil, retryAfter: .seconds(100), now: .zero)
        budget.answered(429, isPull: false, notice: nil, retryAfter: .seconds(1), now: .zero)
        #expect(budget.pause(.zero) == .seconds(100))
    }

    @Test("a complaint without Retry-After slows down too")
    func complaint() {
        var budget = Self.budget(requests: .init(burst: 100, perSecond: 1))
        budget.answered(429, isPull: false, notice: nil, retryAfter: nil, now: .zero)
        #expect(Self.reserve(&budget) == .go(after: .seconds(2)))
    }

    @Test("what the registry says is left counts, less what is not ours")
    func notice() {
        var budget = Self.budget(pulls: .init(burst: 50, perSecond: 50 / 21_600), announces: true, share: 0.5)
        for (remaining, expected) in [(100.0, 50), (99, 49), (51, 1), (50, 0), (0, 0)] {
            budget.answered(
                200,
                isPull: true,
                notice: .init(limit: 100, window: 21_600, remaining: remaining),
                retryAfter: nil,
                now: .zero
            )
            var copy = budget
            var count = 0
            while count < 200, case .go(let pause) = Self.reserve(&copy, isPull: true), pause == .zero { count += 1 }
            #expect(count == expected, "\(remaining) are left")
        }
        // An account that has more may use more.
        budget.answered(
            200,
            isPull: true,
            notice: .init(limit: 5000, window: 86_400, remaining: 5000),
            retryAfter: nil,
            now: .zero
        )
        #expect(budget.pulls?.level == 2500)
    }

    @Test("what did not count is given back")
    func uncounted() {
        for (announces, status, isGivenBack) in [
            (true, 200, true), (false, 200, false), (true, 404, true), (false, 404, true), (true, 429, false),
        ] {
            var budget = Self.budget(pulls: .init(burst: 10, perSecond: 0.001), announces: announces)
            _ = Self.reserve(&budget, isPull: true)
            budget.answered(status, isPull: true, notice: nil, retryAfter: nil, now: .zero)
            #expect((budget.pulls?.level == 10) == isGivenBack, "\(announces) \(status)")
        }
    }

    @Test(
        "what a registry says about pulls is read strictly",
        arguments: [
            ("100;w=21600", "76;w=21600", true), ("100;w=21600", "76", true), ("100; w=21600", "0;w=21600", true),
            ("100", "76", false), ("100;w=0", "76", false), ("100;w=-1", "76", false), ("-5;w=5", "1", false),
            ("100;w=21600", "101;w=21600", false), ("100;w=21600", "-1", false), ("100;w=21600", "", false),
            ("99999999999999999999;w=1", "1", false), ("10000001;w=1", "1", false), ("100;w=99999999", "1", false),
            ("x", "y", false), (String(repeating: "1", count: 200), "1", false),
        ]
    )
    func notices(limit: String, remaining: String, isUsable: Bool) {
        let headers: HeaderFields = ["ratelimit-limit": limit, "ratelimit-remaining": remaining]
        #expect((HostBudget.Notice(headers) != nil) == isUsable)
        var twice = headers
        twice.append("ratelimit-remaining", remaining)
        #expect(HostBudget.Notice(twice) == nil)
    }

    @Test(
        "each registry is asked as it publishes, an unknown one with care, one of the own network as much as is wanted",
        arguments: [
            ("registry-1.docker.io", 50.0, 100.0), ("quay.io", 5, nil), ("public.ecr.aws", 50, 10),
            ("shop.azurecr.io", 1000 / 60, nil), ("europe-docker.pkg.dev", 1000, nil), ("eu.gcr.io", 1000, nil),
            ("1.dkr.ecr.eu-central-1.amazonaws.com", 1000, nil), ("ghcr.io", 50, nil),
            ("registry.example.com", 50, nil), ("registry.example.com:5000", 50, nil), ("8.8.8.8:5000", 50, nil),
            ("registry-1.docker.io.evil.example", 50, nil), ("azurecr.io.evil.example", 50, nil),
            ("localhost:5000", nil, nil), ("10.1.2.3:5000", nil, nil), ("[::1]:5000", nil, nil),
            ("[fd00::1]", nil, nil),
            ("registry:5000", nil, nil), ("registry.local", nil, nil), ("registry.shop.svc:5000", nil, nil),
        ]
    )
    func published(host: String, perSecond: Double?, pulls: Double?) {
        let allowance = RegistryAllowance.published(for: host)
        #expect(allowance.requests?.perSecond == perSecond)
        #expect(allowance.pulls?.burst == pulls)
        let half = RegistryAllowance.published(for: host, share: 0.5)
        #expect(half.requests?.perSecond == perSecond.map { $0 / 2 })
        #expect(half.pulls?.burst == pulls.map { $0 / 2 })
    }
}
