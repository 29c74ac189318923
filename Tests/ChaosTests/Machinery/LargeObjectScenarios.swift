import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import TestTiming
import Testing

@Suite("Chaos: large objects", .serialized, .timeLimit(Chaos.timeLimit))
struct LargeObjectScenarios {
    /// What is kept of an object: how long its text is, and how it ends.
    private struct Extent: Sendable, Hashable {
        var length: Int
        var end: String
    }

    @Test("7: objects of 1.5 MB arrive whole by list and by watch, and memory stays bounded")
    func objects() async throws {
        try await check(count: 4, bytes: 3 << 19, ceilingMiB: nil)
    }

    @Test("7: a list of half a gigabyte is read within 64 MiB", .enabled(if: Chaos.runsSlowScenarios, Chaos.slow))
    func hugeList() async throws {
        try await check(count: 340, bytes: 3 << 19, ceilingMiB: 64)
    }

    private func check(count: Int, bytes: Int, ceilingMiB: Int?) async throws {
        let transport = GeneratedList(count: count, bytes: bytes)
        let quiet = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })
        let clock = ManualClock()
        let informer = Informer<ConfigMap, Extent>(
            client: APIClient(transport: transport, userAgent: "tests/1.0", clock: clock, logger: quiet),
            configuration: ReflectorConfiguration(usesWatchList: false),
            clock: clock,
            seed: 1,
            logger: quiet
        ) { map in
            let text = map.data?["text"] ?? ""
            return Extent(length: text.utf8.count, end: String(text.suffix(8)))
        }
        try await Chaos.takeTurn(MemoryCeiling(peakLimit: ceilingMiB.map { $0 << 10 })) {
            try await VirtualTime(clock: clock).run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await informer.run() }
                    try await informer.waitUntilSynced()
                    try await clock.sleep(for: .seconds(1))
                    group.cancelAll()
                }
            }
        }
        let objects = informer.objects.sorted { $0.key < $1.key }
        #expect(objects.count == count + 1)
        for object in objects {
            #expect(object.value == Extent(length: bytes, end: GeneratedList.end), "\(object.key) is not whole")
        }
        #expect(informer.status.unreadableObjects == 0 && informer.status.synchronisations == 1)
    }
}

/// A list that is made while it is read, and a watch with one more object of the same size.
private struct GeneratedList: APITransport {
    static let end = "the end."
    let count: Int
    let bytes: Int

    private func object(_ number: Int) -> String {
        let text = String(repeating: "x", count: bytes - Self.end.utf8.count) + Self.end
        return #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"large-\#(number)","namespace":"default","#
            + #""uid":"u-\#(number)","resourceVersion":"\#(number + 1)"},"data":{"text":"\#(text)"}}"#
    }

    func send(_ request: APIRequest) async throws -> APIResponse { APIResponse(status: 404) }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        let isWatch = request.query.contains { $0.name == "watch" }
        let number = Shelf(0)
        let rest = Shelf<[UInt8]>([])
        // As a socket gives it: 64 KiB at a time.
        let pieces = AsyncThrowingStream<[UInt8], any Error> {
            if rest.value.isEmpty {
                let next = number.value
                number.value += 1
                if isWatch {
                    guard next == 0 else {
                        try await Latch().waitOrCancel()
                        return nil
                    }
                    rest.value = Array(#"{"type":"ADDED","object":\#(object(count))}"#.utf8) + [0x0A]
                } else {
                    guard next <= count else { return nil }
                    rest.value = Array(element(next).utf8)
                }
            }
            let piece = Array(rest.value.prefix(64 << 10))
            rest.change { $0.removeFirst(piece.count) }
            return piece
        }
        return try await body(APIResponseStream(status: 200, headers: [:], body: pieces))
    }

    private func element(_ number: Int) -> String {
        let head = #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1000"},"items":["#
        if number == count { return "]}" }
        return (number == 0 ? head : ",") + object(number)
    }
}
