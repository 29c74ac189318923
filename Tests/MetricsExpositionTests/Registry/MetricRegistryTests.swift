import Metrics
import MetricsExposition
import Synchronization
import Testing

/// What is recorded is exported, and nothing else is.
struct MetricRegistryTests {
    static let requests = MetricFamily(
        "requests_total",
        .counter,
        labels: ["host", "code"],
        seriesLimit: 3,
        help: "A."
    )
    static let depth = MetricFamily("depth", .gauge, labels: ["name"], help: "B.")
    static let time = MetricFamily("time_seconds", .histogram([0.1, 1, 10]), unit: .seconds, help: "C.")
    static let size = MetricFamily("size_bytes", .histogram([64, 1024]), unit: .bytes, help: "D.")

    private let registry = MetricRegistry(families: [Self.requests, Self.depth, Self.time, Self.size])

    private func counter(_ host: String, _ code: String = "200") -> Counter {
        Counter(label: "requests_total", dimensions: [("code", code), ("host", host)], factory: registry)
    }

    @Test("Counters count, under the labels in the declared order, and never fall")
    func counters() async throws {
        let counter = counter("a")
        counter.increment()
        counter.increment(by: 41)
        counter.increment(by: -5)
        let fractions = FloatingPointCounter(
            label: "requests_total",
            dimensions: [("host", "a"), ("code", "200")],
            factory: registry
        )
        for amount in [0.5, -1, .nan, .infinity] { fractions.increment(by: amount) }
        #expect(await registry.text().contains(#"requests_total{host="a",code="200"} 42.5"#))
        counter.reset()
        #expect(try await registry.readBack()["requests_total"]?.value(["host": "a", "code": "200"]) == 0)
    }

    @Test("Gauges and meters are what was recorded last, with what was added and taken away")
    func gauges() async throws {
        let gauge = Gauge(label: "depth", dimensions: [("name", "q")], factory: registry)
        gauge.record(7)
        #expect(try await registry.readBack()["depth"]?.value(["name": "q"]) == 7)
        let meter = Meter(label: "depth", dimensions: [("name", "q")], factory: registry)
        meter.increment(by: 2.5)
        meter.decrement()
        #expect(try await registry.readBack()["depth"]?.value(["name": "q"]) == 8.5)
        meter.set(-3)
        #expect(try await registry.readBack()["depth"]?.value(["name": "q"]) == -3)
    }

    @Test("A timer's nanoseconds are seconds, each bucket counts those before it, and bounds are inclusive")
    func timers() async throws {
        let timer = Timer(label: "time_seconds", factory: registry)
        timer.recordNanoseconds(100_000_000)
        timer.recordMilliseconds(100.001)
        timer.recordSeconds(10)
        timer.recordSeconds(11)
        timer.recordNanoseconds(-1)
        let family = try #require(try await registry.readBack()["time_seconds"])
        #expect(family.value(["le": "0.1"], suffix: "_bucket") == 2)
        #expect(family.value(["le": "1"], suffix: "_bucket") == 3)
        #expect(family.value(["le": "10"], suffix: "_bucket") == 4)
        #expect(family.value(["le": "+Inf"], suffix: "_bucket") == 5)
        #expect(family.value(suffix: "_count") == 5)
        #expect(abs((family.value(suffix: "_sum") ?? 0) - 21.200001) < 1e-9)
    }

    @Test("A recorder that aggregates is a histogram; what is not a number is not counted")
    func recorders() async throws {
        let recorder = Recorder(label: "size_bytes", factory: registry)
        recorder.record(1024)
        recorder.record(Double.nan)
        recorder.record(Double.infinity)
        let family = try #require(try await registry.readBack()["size_bytes"])
        #expect(family.value(["le": "64"], suffix: "_bucket") == 0)
        #expect(family.value(["le": "1024"], suffix: "_bucket") == 1)
        #expect(family.value(suffix: "_count") == 2)
    }

    @Test("Handles with equal labels share a series, which is removed with one of them and begins anew with another")
    func sharing() async throws {
        let first = counter("a")
        counter("a").increment()
        first.increment()
        #expect(try await registry.readBack()["requests_total"]?.samples.map(\.value) == [2])
        first.destroy()
        #expect(try await registry.readBack()["requests_total"] == nil)
        counter("a").increment()
        first.destroy()
        #expect(try await registry.readBack()["requests_total"]?.samples.map(\.value) == [1])
    }

    @Test("Each kind of handle removes its series")
    func destroying() async throws {
        let gauge = Gauge(label: "depth", dimensions: [("name", "q")], factory: registry)
        let meter = Meter(label: "depth", dimensions: [("name", "m")], factory: registry)
        let timer = Timer(label: "time_seconds", factory: registry)
        let recorder = Recorder(label: "size_bytes", factory: registry)
        #expect(try await registry.readBack().count == 4)
        gauge.destroy()
        meter.destroy()
        timer.destroy()
        recorder.destroy()
        #expect(try await registry.readBack().keys.sorted() == ["metrics_series_refused_total"])
    }

    @Test("A family has no more series than it may, goes on with those it has, and has room again when one goes")
    func limit() async throws {
        for host in 0..<1000 { counter("host-\(host)").increment() }
        #expect(try await registry.readBack()["requests_total"]?.samples.count == 3)
        #expect(try await registry.refused(.seriesLimit) == 997)
        counter("host-1").increment()
        #expect(try await registry.readBack()["requests_total"]?.value(["host": "host-1", "code": "200"]) == 2)
        counter("host-0").destroy()
        counter("another").increment()
        #expect(try await registry.readBack()["requests_total"]?.value(["host": "another", "code": "200"]) == 1)
    }

    @Test("What was not declared so is refused, counted by its cause, and told once")
    func refusals() async throws {
        let told = Mutex<[MetricRefusal]>([])
        let registry = MetricRegistry(families: [Self.requests, Self.depth, Self.time]) { refusal in
            told.withLock { $0.append(refusal) }
        }
        for _ in 0..<2 { Counter(label: "nobody_knows_total", factory: registry).increment() }
        Gauge(label: "requests_total", dimensions: [("host", "a"), ("code", "b")], factory: registry).record(1)
        Recorder(label: "depth", dimensions: [("name", "a")], factory: registry).record(1)
        Timer(label: "depth", dimensions: [("name", "a")], factory: registry).recordSeconds(1)
        Meter(label: "time_seconds", factory: registry).set(1)
        FloatingPointCounter(label: "depth", dimensions: [("name", "a")], factory: registry).increment()
        Gauge(label: "depth", dimensions: [], factory: registry).record(1)
        Gauge(label: "depth", dimensions: [("game", "a")], factory: registry).record(1)
        Gauge(label: "depth", dimensions: [("name", "a"), ("name", "b")], factory: registry).record(1)
        Gauge(label: "depth", dimensions: [("name", String(repeating: "é", count: 257))], factory: registry).record(1)
        #expect(try await registry.readBack().keys.sorted() == ["metrics_series_refused_total"])
        #expect(try await registry.refused(.undeclared) == 2)
        #expect(try await registry.refused(.kind) == 5)
        #expect(try await registry.refused(.labels) == 3)
        #expect(try await registry.refused(.labelValue) == 1)
        let all = told.withLock(\.self)
        #expect(Set(all).count == all.count)
        #expect(all.contains { $0.name == "nobody_knows_total" && $0.reason == .undeclared })
    }

    @Test("Names from anywhere do not fill the memory of what was told")
    func manyNames() async throws {
        let told = Mutex(0)
        let registry = MetricRegistry(families: []) { _ in told.withLock { $0 += 1 } }
        for number in 0..<1000 { Counter(label: "name_\(number)", factory: registry).increment() }
        #expect(told.withLock(\.self) == 100)
        #expect(try await registry.refused(.undeclared) == 1000)
    }

    @Test("Counting by many at once loses nothing")
    func manyAtOnce() async throws {
        let registry = self.registry
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(
                        label: "requests_total",
                        dimensions: [("host", "a"), ("code", "200")],
                        factory: registry
                    )
                    let meter = Meter(label: "depth", dimensions: [("name", "q")], factory: registry)
                    let timer = Timer(label: "time_seconds", factory: registry)
                    for _ in 0..<1000 {
                        counter.increment()
                        meter.increment(by: 0.5)
                        timer.recordSeconds(1)
                    }
                }
                group.addTask { _ = await registry.exposition(.openMetrics) }
            }
        }
        let families = try await registry.readBack()
        #expect(families["requests_total"]?.samples.map(\.value) == [8000])
        #expect(families["depth"]?.samples.map(\.value) == [4000])
        #expect(families["time_seconds"]?.value(suffix: "_count") == 8000)
        #expect(families["time_seconds"]?.value(suffix: "_sum") == 8000)
    }

    @Test("Adding to a gauge from many threads loses nothing")
    func contention() async throws {
        let registry = self.registry
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let meter = Meter(label: "depth", dimensions: [("name", "q")], factory: registry)
                    for _ in 0..<200_000 { meter.increment(by: 1) }
                }
            }
        }
        #expect(try await registry.readBack()["depth"]?.samples.map(\.value) == [1_600_000])
    }
}

/// What sources read is exported for as long as they read it.
struct MetricSourceTests {
    private static let images = MetricFamily("images", .gauge, labels: ["namespace"], seriesLimit: 3, help: "A.")

    @Test("A series is there for as long as its source mentions it")
    func vanishing() async throws {
        let namespaces = Mutex(["a", "b"])
        let registry = MetricRegistry(families: [])
        registry.add(
            FixedSource(families: [Self.images]) {
                namespaces.withLock(\.self).map { Self.images.reading(0, $0) }
            }
        )
        #expect(registry.families.map(\.name) == ["images", "metrics_series_refused_total"])
        #expect(
            try await registry.readBack()["images"]?.samples.map(\.labels) == [["namespace": "a"], ["namespace": "b"]]
        )
        namespaces.withLock { $0 = ["b"] }
        #expect(try await registry.readBack()["images"]?.samples.map(\.labels) == [["namespace": "b"]])
        namespaces.withLock { $0 = [] }
        #expect(try await registry.readBack()["images"] == nil)
    }

    @Test("Readings that cannot be exported are left out and counted, and spoil nothing else")
    func refusals() async throws {
        let clash = MetricFamily("images", .counter, help: "Another.")
        let histogram = MetricFamily("h", .histogram([1]), help: "H.")
        let registry = MetricRegistry(
            families: [MetricRegistryTests.depth],
            sources: [
                FixedSource {
                    [
                        Self.images.reading(1, "a"), Self.images.reading(2, "a"), Self.images.reading(1),
                        Self.images.reading(1, String(repeating: "x", count: 513)), clash.reading(1),
                        histogram.reading(1), Self.images.reading(3, "b"), Self.images.reading(4, "c"),
                        Self.images.reading(5, "d"), MetricRegistryTests.depth.reading(6, "source"),
                    ]
                }
            ]
        )
        Gauge(label: "depth", dimensions: [("name", "recorded")], factory: registry).record(7)
        let families = try ExpositionReader.read(await registry.exposition(.prometheusText), .prometheusText)
        #expect(families.first { $0.name == "images" }?.samples.map(\.value) == [1, 3, 4])
        #expect(families.first { $0.name == "depth" }?.samples.map(\.value) == [7, 6])
        #expect(!families.contains { $0.name == "h" })
        let refused = try #require(families.first { $0.name == "metrics_series_refused_total" })
        let expected = ["duplicate": 1, "labels": 1, "label_value": 1, "kind": 2, "series_limit": 1, "undeclared": 0]
        for (reason, count) in expected { #expect(refused.value(["reason": reason]) == Double(count), "\(reason)") }
    }
}
