import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import TestTiming
import Testing

@Suite("Faults in the answer")
struct StreamFaultTests {
    /// Watches under a rule while "a" and "b" are created.
    private func watched(
        _ action: FaultAction,
        bookmarks: Bool = false,
        seconds: Int = 10
    ) async throws -> FaultFixture.Watched {
        let fixture = FaultFixture()
        return try await fixture.time.run {
            fixture.plan.add(FaultMatch([.watch]), action)
            let watched = try await fixture.watch(seconds: seconds, bookmarks: bookmarks) {
                _ = try await fixture.create("a")
                _ = try await fixture.create("b")
            }
            #expect(fixture.plan.openStreams() == 0)
            #expect(await fixture.cluster.openWatches == 0)
            return watched
        }
    }

    @Test("Frames are cut into bytes, odd sizes and at given offsets, and nothing is lost")
    func splitting() async throws {
        let whole = try await watched(.delay(.zero))
        #expect(whole.events == ["ADDED a", "ADDED b"] && whole.pieces.count == 2)
        let bytes = try await watched(.split(.every(1)))
        #expect(bytes.events == whole.events && bytes.pieces.allSatisfy { $0.count == 1 })
        let odd = try await watched(.split(.sizes([7, 3])))
        #expect(odd.events == whole.events && odd.pieces[0].count == 7 && odd.pieces[1].count == 3)
        let at = try await watched(.split(.offsets([5, 400])))
        #expect(at.events == whole.events && at.pieces[0].count == 5 && at.pieces.count == 4)
        let random = try await watched(.split(.random(upTo: 50)))
        #expect(random.events == whole.events && random.pieces.count > 8)
    }

    @Test("A body is truncated at a byte, by a reset or as if it were complete")
    func truncation() async throws {
        let reset = try await watched(.truncate(atByte: 100))
        #expect(reset.pieces.map(\.count) == [100] && reset.error?.code == .connectionLost)
        let end = try await watched(.truncate(atByte: 100, .endOfFile))
        #expect(end.pieces.map(\.count) == [100] && end.error == nil)
        let fixture = FaultFixture()
        fixture.plan.add(.everything, .truncate(atByte: 10, .endOfFile))
        #expect(try await fixture.list().body.count == 10)
    }

    @Test("What does not belong into a watch is put there: garbage, HTML, an endless line, an ERROR event")
    func interjections() async throws {
        #expect(
            try await watched(.interject(.garbageLine, afterEvents: 1)).events == ["ADDED a", "garbage", "ADDED b"]
        )
        #expect(try await watched(.interject(.expired, afterEvents: 1)).events == ["ADDED a", "ERROR Expired"])
        let page = try await watched(.interject(.htmlPage))
        #expect(page.text.hasPrefix("<html>") && !page.text.contains("ADDED"))
        let oversize = try await watched(.interject(.oversizeLine(bytes: 100_000)))
        #expect(oversize.pieces[0].count == 100_000 && oversize.events.count == 3)
    }

    @Test("Events are lost, doubled and cut off")
    func events() async throws {
        #expect(try await watched(.dropEvents(EventMatch(types: ["ADDED"], name: "a"))).events == ["ADDED b"])
        #expect(try await watched(.duplicateEvents(EventMatch(name: "b"))).events == ["ADDED a", "ADDED b", "ADDED b"])
        let ended = try await watched(.end(.endOfFile, afterEvents: 1))
        #expect(ended.events == ["ADDED a"] && ended.error == nil)
        let reset = try await watched(.end(.reset, afterEvents: 1))
        #expect(reset.events == ["ADDED a"] && reset.error?.code == .connectionLost)
    }

    @Test("Bookmarks come on the cluster's clock, and can be suppressed")
    func bookmarks() async throws {
        let normal = try await watched(.delay(.zero), bookmarks: true, seconds: 150)
        #expect(normal.events.count { $0 == "BOOKMARK" } >= 3)
        let without = try await watched(.suppressBookmarks, bookmarks: true, seconds: 150)
        // The bookmark that ends the empty state is no sign of progress, and stays.
        #expect(without.events == ["BOOKMARK", "ADDED a", "ADDED b"])
    }

    @Test("A slow drip takes its time")
    func drip() async throws {
        let fixture = FaultFixture()
        try await fixture.time.run {
            _ = try await fixture.create("a", data: String(repeating: "x", count: 10_000))
            fixture.plan.add(FaultMatch([.list]), .drip(bytesPerSecond: 1000))
            let body = try await fixture.list().body
            let expected = Double(body.count) / 1000
            let took = fixture.time.clock.elapsed / .seconds(1)
            #expect(abs(took - expected) < 0.5)
        }
    }

    @Test("A frozen watch sends nothing and does not end; thawed, it goes on")
    func freeze() async throws {
        let fixture = FaultFixture()
        try await fixture.time.run {
            let watched = try await fixture.watch(seconds: 60) {
                _ = try await fixture.create("a")
                try await fixture.time.clock.sleep(for: .seconds(1))
                let id = fixture.plan.add(FaultMatch([.watch]), .freeze())
                _ = try await fixture.create("b")
                // Past the watch's timeout: a half-open connection does not end.
                try await fixture.time.clock.sleep(for: .seconds(300))
                #expect(fixture.plan.openStreams() == 1)
                fixture.plan.remove(id)
            }
            #expect(watched.events == ["ADDED a", "ADDED b"])
            #expect(fixture.time.clock.elapsed == .seconds(302))
        }
    }

    @Test("Withheld events come in order when they are released; what ends a frozen watch loses them")
    func withholding() async throws {
        let fixture = FaultFixture()
        try await fixture.time.run {
            let watched = try await fixture.watch(seconds: 60) {
                let id = fixture.plan.add(FaultMatch([.watch]), .withholdEvents(EventMatch(name: "a")))
                for name in ["0", "a", "b"] { _ = try await fixture.create(name) }
                try await fixture.time.clock.sleep(for: .seconds(5))
                fixture.plan.remove(id)
                try await fixture.time.clock.sleep(for: .seconds(5))
                fixture.plan.add(FaultMatch([.watch]), .freeze())
                _ = try await fixture.create("c")
                try await fixture.time.clock.sleep(for: .seconds(1))
                fixture.plan.endStreams()
            }
            #expect(watched.events == ["ADDED 0", "ADDED a", "ADDED b"])
            #expect(fixture.time.clock.elapsed < .seconds(20))
        }
    }

    @Test("A client that waits no longer than its limit gives a silent watch up")
    func idle() async throws {
        let fixture = FaultFixture(limits: .init(streamIdleTimeout: .seconds(20)))
        try await fixture.time.run {
            let watched = try await fixture.watch(seconds: 600) { _ = try await fixture.create("a") }
            #expect(watched.events == ["ADDED a"] && watched.error?.code == .timedOut)
            #expect(fixture.time.clock.elapsed == .seconds(21))
        }
    }
}
