import FoundationEssentials
import NotaryVerification
import SigningTestKit
import Testing

@testable import ImageTrust

@Suite("Answers about revocation that are kept")
struct CachedRevocationTests {
    private static let now = RevocableSigner.now
    private let signer: RevocableSigner
    private let base = ScriptedRevocation()

    init() throws { signer = try RevocableSigner() }

    private func ask(_ cache: CachedRevocation, after seconds: TimeInterval = 0) async throws -> RevocationAnswer {
        await cache.answer(
            to: try signer.request(),
            for: try signer.lookup,
            now: Self.now.addingTimeInterval(seconds)
        )
    }

    @Test("A usable answer is kept until its nextUpdate, an hour at most", arguments: [(600.0, 600.0), (86_400, 3600)])
    func kept(nextUpdate: TimeInterval, end: TimeInterval) async throws {
        let cache = CachedRevocation(base)
        base.answer(RevocableSigner.responder, try signer.response(for: nextUpdate))
        _ = try await ask(cache)
        _ = try await ask(cache, after: end - 1)
        #expect(base.calls.count == 1)
        _ = try await ask(cache, after: end)
        #expect(base.calls.count == 2)
    }

    @Test(
        "What cannot be believed, and that nobody is there, is kept for half a minute",
        arguments: [nil, [1, 2] as [UInt8]?]
    )
    func negative(bytes: [UInt8]?) async throws {
        let cache = CachedRevocation(base)
        base.answer(RevocableSigner.responder, bytes)
        for seconds in [0.0, 29] { _ = try await ask(cache, after: seconds) }
        #expect(base.calls.count == 1)
        base.answer(RevocableSigner.responder, try signer.response())
        guard case .bytes(let found, _) = try await ask(cache, after: 30) else {
            Issue.record("no answer")
            return
        }
        #expect(base.calls.count == 2 && found.count > 2)
    }

    @Test("An old answer counts up to its nextUpdate while no newer one is to be had, which is tried every minute")
    func stale() async throws {
        let cache = CachedRevocation(base)
        let bytes = try signer.response(for: 7200)
        base.answer(RevocableSigner.responder, bytes)
        _ = try await ask(cache)
        base.answer(RevocableSigner.responder, nil)
        for seconds in [3600.0, 3659] {
            #expect(try await ask(cache, after: seconds) == .bytes(bytes, receivedAt: Self.now))
        }
        #expect(base.calls.count == 2)
        #expect(try await ask(cache, after: 3660) == .bytes(bytes, receivedAt: Self.now))
        #expect(base.calls.count == 3)
        #expect(try await ask(cache, after: 7201) == .failure("nobody is there"))
    }

    @Test("An answer of the future is not given: the clock was set back")
    func clockSetBack() async throws {
        let cache = CachedRevocation(base)
        base.answer(RevocableSigner.responder, try signer.response())
        _ = try await ask(cache)
        _ = try await ask(cache, after: -301)
        #expect(base.calls.count == 2)
    }

    @Test("Those who ask at the same time wait for one answer")
    func singleFlight() async throws {
        let cache = CachedRevocation(base)
        let gate = Gate()
        base.hold(at: gate)
        base.answer(RevocableSigner.responder, try signer.response())
        let (request, lookup) = (try signer.request(), try signer.lookup)
        await withTaskGroup(of: RevocationAnswer.self) { group in
            for _ in 0..<20 { group.addTask { await cache.answer(to: request, for: lookup, now: Self.now) } }
            group.addTask {
                while base.calls.isEmpty { await Task.yield() }
                gate.open()
                return .failure("")
            }
            for await answer in group {
                if case .bytes = answer { continue }
                #expect(answer == .failure(""))
            }
        }
        #expect(base.calls.count == 1)
    }

    @Test("Memory is bounded: the longest unused go first, and what is too large is not kept")
    func bounded() async throws {
        let cost = try signer.response().count + CachedRevocation.entryOverhead
        let cache = CachedRevocation(base, maximumBytes: 3 * cost)
        let lookup = try signer.lookup
        guard case .ocsp(_, let der) = try signer.request() else {
            Issue.record("the signer's certificate names no responder")
            return
        }
        func ask(_ number: Int) async throws {
            base.answer("http://\(number)", try signer.response())
            _ = await cache.answer(to: .ocsp(url: "http://\(number)", request: der), for: lookup, now: Self.now)
        }
        for number in 0..<4 { try await ask(number) }
        #expect(base.calls.count == 4)
        try await ask(3)
        #expect(base.calls.count == 4)
        try await ask(0)
        #expect(base.calls.count == 5)
        let small = CachedRevocation(base, maximumBytes: cost)
        for _ in 0..<2 {
            _ = await small.answer(to: .ocsp(url: "http://3", request: der), for: lookup, now: Self.now)
        }
        #expect(base.calls.count == 7)
    }
}
