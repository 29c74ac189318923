import OCIModel
import OutboundHTTP
import Synchronization
import TestTiming
import Testing

@testable import OCIRegistry

@Suite("What goes to registries", .timeLimit(.minutes(5)))
struct RegistryTrafficTests {
    private static let blob = Descriptor(of: [1, 2, 3], mediaType: MediaType("application/octet-stream"))

    /// Answers every question with the blob.
    private static let good: ScriptedExchange.Answer = { (_) throws(OutboundError) in
        OutboundResponse(status: 200, headers: ["content-type": "application/octet-stream"], body: [1, 2, 3])
    }

    private static let down: ScriptedExchange.Answer = { (request) throws(OutboundError) in
        throw OutboundError(.unreachable, "\(request.url.host) refuses connections")
    }

    private static func client(
        _ http: ScriptedExchange,
        _ traffic: RegistryTraffic,
        credential: RegistryCredential? = nil,
        clock: any Clock<Duration>
    ) -> RegistryClient {
        var configuration = RegistryConfiguration(credentials: FixedCredential(credential))
        configuration.retry = .never
        return RegistryClient(http: http, configuration: configuration, traffic: traffic, clock: clock)
    }

    private static func fetch(
        _ client: RegistryClient,
        _ host: String = "registry.example.com",
        _ path: String = "shop/web"
    ) async throws {
        _ = try await client.blob(RepositoryName(registry: host, path: path), blob, limit: 100)
    }

    private static func error(_ body: () async throws -> Void) async -> RegistryError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? RegistryError
        }
    }

    // MARK: Places

    @Test("so many requests at a time go to a host, whoever makes them; another host has places of its own")
    func places() async throws {
        let clock = ManualClock()
        let open = Latch()
        let http = ScriptedExchange { (request) throws(OutboundError) in
            await open.wait()
            return try await Self.good(request)
        }
        let traffic = RegistryTraffic(requestsPerHost: 3, clock: clock)
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<5 {
                    let client = Self.client(
                        http,
                        traffic,
                        credential: .accessToken("\(number)"),
                        clock: clock
                    )
                    for part in 0..<4 { group.addTask { try await Self.fetch(client, "a.example", "a/b\(part)") } }
                }
                let other = Self.client(http, traffic, clock: clock)
                group.addTask { try await Self.fetch(other, "b.example") }
                try await clock.sleep(for: .seconds(1))
                #expect(http.sent.count == 4)
                open.open()
                try await group.waitForAll()
            }
        }
        #expect(http.sent.count == 21)
        #expect(http.most == 4)
        #expect(traffic.figures["a.example"]?.underWay == 0)
    }

    @Test("who waits for a place no longer than the call lasts is told so, and not sent")
    func late() async throws {
        let clock = ManualClock()
        let open = Latch()
        let http = ScriptedExchange { (request) throws(OutboundError) in
            await open.wait()
            return try await Self.good(request)
        }
        let traffic = RegistryTraffic(requestsPerHost: 1, clock: clock)
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let client = Self.client(http, traffic, clock: clock)
                group.addTask { try await Self.fetch(client) }
                try await clock.sleep(for: .seconds(1))
                group.addTask {
                    let error = await Self.error { try await Self.fetch(client) }
                    #expect(error?.code == .timedOut)
                }
                try await clock.sleep(for: .seconds(61))
                open.open()
                try await group.waitForAll()
            }
        }
        #expect(http.sent.count == 1)
    }

    // MARK: Turns

    /// Who came when.
    private final class Order: Sendable {
        let names = Mutex<[String]>([])
    }

    @Test("tenants take turns for a host's places, whoever has many requests waiting, and those of one go in order")
    func turns() async throws {
        let clock = ManualClock()
        let http = ScriptedExchange { (request) throws(OutboundError) in
            do { try await clock.sleep(for: .seconds(1)) } catch { throw OutboundError(.cancelled, "cancelled") }
            return try await Self.good(request)
        }
        let traffic = RegistryTraffic(requestsPerHost: 2, clock: clock)
        let order = Order()
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let client = Self.client(http, traffic, clock: clock)
                for number in 0..<20 {
                    group.addTask {
                        try await RegistryTenant.$name.withValue("many") {
                            try await Self.fetch(client, "a.example", "a/b\(number)")
                        }
                        order.names.withLock { $0.append("many \(number)") }
                    }
                }
                try await clock.sleep(for: .milliseconds(500))
                for tenant in ["one", "two"] {
                    group.addTask {
                        try await RegistryTenant.$name.withValue(tenant) {
                            for part in 0..<3 { try await Self.fetch(client, "a.example", "\(tenant)/c\(part)") }
                        }
                        order.names.withLock { $0.append(tenant) }
                        // Three questions, one after the other: at most a turn of waiting for each.
                        #expect(clock.elapsed <= .seconds(7))
                    }
                }
                try await group.waitForAll()
            }
        }
        let ended = order.names.withLock(\.self).filter { $0.hasPrefix("many") }
        #expect(
            ended == ended.sorted { $0.dropFirst(5).count == $1.dropFirst(5).count ? $0 < $1 : $0.count < $1.count }
        )
        #expect(http.most == 2)
    }

    @Test("what a host allows per second is not used up by who asks most: another tenant's question goes in its turn")
    func turnsForAllowance() async throws {
        let clock = ManualClock()
        let http = ScriptedExchange(Self.good)
        let traffic = RegistryTraffic(
            allowances: ["a.example": RegistryAllowance(requests: .init(burst: 5, perSecond: 2))],
            clock: clock
        )
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let client = Self.client(http, traffic, clock: clock)
                for number in 0..<60 {
                    group.addTask {
                        try await RegistryTenant.$name.withValue("many") {
                            try await Self.fetch(client, "a.example", "a/b\(number)")
                        }
                    }
                }
                try await clock.sleep(for: .seconds(2))
                let begun = clock.elapsed
                try await RegistryTenant.$name.withValue("one") {
                    try await Self.fetch(client, "a.example", "one/c")
                }
                // Those that have a place go first, and no others.
                #expect(clock.elapsed - begun <= .seconds(5))
                try await group.waitForAll()
            }
        }
        #expect(http.sent.count == 61)
        #expect(traffic.figures["a.example"]?.heldBackByBudget == 0)
    }

    @Test("who is cancelled while it waits gives up its turn, and nobody else's")
    func cancelledTurn() async throws {
        let clock = ManualClock()
        let gate = RequestGate(places: 1)
        let passed = Order()
        try await VirtualTime(clock: clock).run {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await gate.pass { try? await clock.sleep(for: .seconds(10)) } }
                try? await clock.sleep(for: .seconds(1))
                group.addTask { _ = await gate.pass(of: "b") { passed.names.withLock { $0.append("b") } } }
                await withTaskGroup(of: Void.self) { waiting in
                    waiting.addTask {
                        let outcome: Void? = await gate.pass(of: "a") { passed.names.withLock { $0.append("a") } }
                        #expect(outcome == nil)
                    }
                    try? await clock.sleep(for: .seconds(1))
                    waiting.cancelAll()
                }
                await group.waitForAll()
            }
        }
        #expect(passed.names.withLock(\.self) == ["b"])
        #expect(await gate.pass(of: "c") { true } == true)
    }

    // MARK: Allowances

    @Test("an allowance holds over all credentials: beyond the burst requests wait, and go at the rate")
    func rate() async throws {
        let clock = ManualClock()
        let times = Mutex<[Duration]>([])
        let http = ScriptedExchange { (request) throws(OutboundError) in
            times.withLock { $0.append(clock.elapsed) }
            return try await Self.good(request)
        }
        let traffic = RegistryTraffic(
            allowances: ["registry.example.com": RegistryAllowance(requests: .init(burst: 5, perSecond: 10))],
            clock: clock
        )
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<25 {
                    let client = Self.client(http, traffic, credential: .accessToken("\(number)"), clock: clock)
                    group.addTask { try await Self.fetch(client) }
                }
                try await group.waitForAll()
            }
        }
        let sent = times.withLock { $0.sorted() }
        #expect(sent.prefix(5).allSatisfy { $0 == .zero })
        for (index, time) in sent.dropFirst(5).enumerated() {
            #expect(abs(time / .milliseconds(1) - Double(index + 1) * 100) < 0.01)
        }
        #expect(traffic.figures["registry.example.com"]?.delayed == 20)
    }

    @Test("what would wait too long is held back at once: throttled, with the time, and not sent")
    func heldBack() async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange(Self.good)
        let traffic = RegistryTraffic(
            allowances: ["registry.example.com": RegistryAllowance(requests: .init(burst: 2, perSecond: 0.01))],
            clock: clock
        )
        let client = Self.client(http, traffic, clock: clock)
        for _ in 0..<2 { try await Self.fetch(client) }
        let error = await Self.error { try await Self.fetch(client) }
        #expect(error?.code == .throttled)
        #expect(error?.isHeldBack == true)
        #expect(error?.retryAfter == .seconds(100))
        #expect(error?.message.contains("was not asked") == true)
        #expect(error?.message.contains("in 100 s") == true)
        #expect(http.sent.count == 2)
        #expect(clock.sleeps.isEmpty)
        #expect(traffic.figures["registry.example.com"]?.heldBackByBudget == 1)
        #expect(traffic.figures["registry.example.com"]?.budget == 0)
        clock.advance(by: .seconds(100))
        try await Self.fetch(client)
    }

    @Test("who gives up while waiting gives back what was reserved")
    func cancelled() async throws {
        let clock = ManualClock()
        let http = ScriptedExchange(Self.good)
        let traffic = RegistryTraffic(
            allowances: ["registry.example.com": RegistryAllowance(requests: .init(burst: 1, perSecond: 0.2))],
            clock: clock
        )
        try await VirtualTime(clock: clock).run {
            let client = Self.client(http, traffic, clock: clock)
            try await Self.fetch(client)
            await withTaskGroup(of: RegistryError?.self) { group in
                group.addTask { await Self.error { try await Self.fetch(client) } }
                try? await clock.sleep(for: .seconds(1))
                group.cancelAll()
                for await error in group { #expect(error?.code == .cancelled) }
            }
            try await Self.fetch(client)
            #expect(clock.elapsed == .seconds(5))
        }
        #expect(http.sent.count == 2)
    }

    @Test("Retry-After holds for everybody, also for those who wait already")
    func retryAfter() async throws {
        let clock = ManualClock()
        let http = ScriptedExchange(Self.good)
        let traffic = RegistryTraffic(clock: clock)
        try await VirtualTime(clock: clock).run {
            let clients = (0..<3).map { Self.client(http, traffic, credential: .accessToken("\($0)"), clock: clock) }
            http.answer { (_) throws(OutboundError) in
                OutboundResponse(status: 429, headers: ["retry-after": "4"])
            }
            let first = await Self.error { try await Self.fetch(clients[0]) }
            #expect(first?.code == .throttled)
            #expect(first?.isHeldBack == false)
            http.answer(Self.good)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in clients { group.addTask { try await Self.fetch(client) } }
                try await group.waitForAll()
            }
            #expect(clock.elapsed == .seconds(4))
            // Longer than anyone waits.
            http.answer { (_) throws(OutboundError) in
                OutboundResponse(status: 429, headers: ["retry-after": "86400"])
            }
            _ = await Self.error { try await Self.fetch(clients[0]) }
            http.answer(Self.good)
            let held = await Self.error { try await Self.fetch(clients[1]) }
            #expect(held?.code == .throttled)
            #expect(held?.isHeldBack == true)
            #expect(held?.retryAfter == HostBudget.longestPause)
            try await clock.sleep(for: HostBudget.longestPause)
            try await Self.fetch(clients[1])
        }
        #expect(http.sent.count == 6)
    }

    @Test("pulls are counted for each account, on GET of manifests alone")
    func pulls() async throws {
        let clock = SkippingClock()
        let manifest = Array(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#.utf8
        )
        let http = ScriptedExchange { (request) throws(OutboundError) in
            guard request.url.path.contains("/manifests/") else { return try await Self.good(request) }
            return OutboundResponse(
                status: 200,
                headers: ["content-type": MediaType.ociIndex.rawValue],
                body: manifest
            )
        }
        var allowance = RegistryAllowance(pulls: .init(burst: 4, perSecond: 0.001))
        allowance.isPerCredential = true
        let traffic = RegistryTraffic(allowances: ["registry.example.com": allowance], clock: clock)
        let alice = Self.client(http, traffic, credential: .accessToken("alice"), clock: clock)
        let again = Self.client(http, traffic, credential: .accessToken("alice"), clock: clock)
        let bob = Self.client(http, traffic, credential: .accessToken("bob"), clock: clock)
        let repository = try RepositoryName("registry.example.com/shop/web")
        for _ in 0..<2 { _ = try await alice.manifest(repository, Digest.of(manifest)) }
        // Another client with the same credential is the same account.
        for _ in 0..<2 { _ = try await again.manifest(repository, Digest.of(manifest)) }
        let held = await Self.error { _ = try await alice.manifest(repository, Digest.of(manifest)) }
        #expect(held?.code == .throttled)
        #expect(held?.message.contains("pulls") == true)
        try await Self.fetch(alice)
        _ = try await bob.manifest(repository, Digest.of(manifest))
        #expect(http.sent.filter { $0.url.path.contains("/manifests/") }.count == 5)
        #expect(traffic.figures["registry.example.com"]?.pullBudget == 0)
    }

    // MARK: Breaker

    @Test("a host that does not answer is left alone after five failures; the words and the code say why")
    func breaker() async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange(Self.down)
        let traffic = RegistryTraffic(clock: clock)
        for number in 0..<20 {
            let client = Self.client(http, traffic, credential: .accessToken("\(number)"), clock: clock)
            let error = await Self.error { try await Self.fetch(client) }
            #expect(error?.code == .unreachable)
            #expect(error?.isHeldBack == (number >= 5))
            #expect(error?.message.contains("refuses connections") == true)
        }
        #expect(http.sent.count == 5)
        #expect(traffic.figures["registry.example.com"]?.openCircuits == 1)
        #expect(traffic.figures["registry.example.com"]?.heldBackByCircuit == 15)
        // Another host is another matter.
        http.answer(Self.good)
        try await Self.fetch(Self.client(http, traffic, clock: clock), "other.example.com")
    }

    @Test("what is held back is not tried again by the same call", arguments: [true, false])
    func noRetries(isDown: Bool) async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange(Self.down)
        let traffic = RegistryTraffic(
            allowances: isDown
                ? [:] : ["registry.example.com": RegistryAllowance(requests: .init(burst: 1, perSecond: 0.001))],
            clock: clock
        )
        var configuration = RegistryConfiguration()
        configuration.retry = RetryPolicy(attempts: 10, initialDelay: .milliseconds(1), budget: .seconds(60))
        let client = RegistryClient(http: http, configuration: configuration, traffic: traffic, clock: clock)
        let error = await Self.error { try await Self.fetch(client) }
        #expect(error?.isHeldBack == true)
        #expect(http.sent.count == (isDown ? 5 : 1))
    }

    @Test(
        "in an outage of an hour a host is asked once in the longest pause, and when it is back all is well within it"
    )
    func outage() async throws {
        let clock = ManualClock()
        let http = ScriptedExchange(Self.down)
        let traffic = RegistryTraffic(clock: clock)
        try await VirtualTime(clock: clock).run {
            let clients = (0..<8).map { Self.client(http, traffic, credential: .accessToken("\($0)"), clock: clock) }
            // Eight workers that never rest.
            try await withThrowingTaskGroup(of: Duration.self) { group in
                for client in clients {
                    group.addTask {
                        while await Self.error({ try await Self.fetch(client) }) != nil {
                            try await clock.sleep(for: .milliseconds(100))
                        }
                        return clock.elapsed
                    }
                }
                try await clock.sleep(for: .seconds(3600))
                let asked = http.sent.count
                #expect(asked <= 5 + 8 + 3600 / 15 + 2)
                #expect(asked >= 3600 / 15 - 2)
                http.answer(Self.good)
                for try await end in group {
                    #expect(end <= .seconds(3600) + CircuitBreaker.longestPause + .seconds(1))
                }
            }
        }
        #expect(traffic.figures["registry.example.com"]?.openCircuits == 0)
    }

    @Test("an answer that refuses is an answer", arguments: [400, 401, 403, 404, 429])
    func refusals(status: Int) async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange { (_) throws(OutboundError) in OutboundResponse(status: status) }
        let traffic = RegistryTraffic(clock: clock)
        let client = Self.client(http, traffic, clock: clock)
        for _ in 0..<20 {
            let error = await Self.error { try await Self.fetch(client) }
            #expect(error != nil)
            clock.advance(by: .seconds(60))
        }
        #expect(http.sent.count == 20)
    }

    @Test("what the host fails at itself counts as silence, and keeps its code", arguments: [500, 502, 503, 504])
    func serverErrors(status: Int) async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange { (_) throws(OutboundError) in OutboundResponse(status: status) }
        let client = Self.client(http, RegistryTraffic(clock: clock), clock: clock)
        for _ in 0..<20 {
            let error = await Self.error { try await Self.fetch(client) }
            #expect(error?.code == .serverError)
        }
        #expect(http.sent.count == 5)
    }

    // MARK: Bounds

    @Test("hosts are told apart up to a bound, the rest are counted together")
    func hosts() async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange(Self.down)
        let traffic = RegistryTraffic(clock: clock)
        for number in 0..<2000 {
            let client = Self.client(http, traffic, clock: clock)
            _ = await Self.error { try await Self.fetch(client, "h\(number).example.com") }
        }
        let figures = traffic.figures
        #expect(figures.count == HostTally<Int>.maximumHosts + 1)
        #expect(figures[HostTally<Int>.others] != nil)
    }

    @Test("a host that must be left alone is not forgotten for those that nobody knows")
    func forgetting() async throws {
        let clock = SkippingClock()
        let http = ScriptedExchange { (_) throws(OutboundError) in
            OutboundResponse(status: 429, headers: ["retry-after": "600"])
        }
        let traffic = RegistryTraffic(clock: clock)
        let client = Self.client(http, traffic, clock: clock)
        _ = await Self.error { try await Self.fetch(client, "busy.example.com") }
        http.answer(Self.good)
        for number in 0..<(3 * RegistryTraffic.maximumHosts) {
            try await Self.fetch(Self.client(http, traffic, clock: clock), "h\(number).example.com")
            clock.advance(by: .milliseconds(10))
        }
        let error = await Self.error { try await Self.fetch(client, "busy.example.com") }
        #expect(error?.code == .throttled)
        #expect(error?.isHeldBack == true)
    }
}
