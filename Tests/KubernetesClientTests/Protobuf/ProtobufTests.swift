import JSONModel
import KubernetesAPI
import Synchronization
import TestTiming
import Testing

@testable import KubernetesClient

@Suite("Objects in Protocol Buffers")
struct ProtobufTests {
    /// A part of a pod.
    private static let shape = ProtobufShape.object(
        metadata: [ProtobufShape.Field(8, "creationTimestamp", .time), ProtobufShape.Field(11, "labels", .texts)],
        [
            ProtobufShape.Field(
                2,
                "spec",
                .message(
                    ProtobufShape([
                        ProtobufShape.Field(
                            2,
                            "containers",
                            .messages(ProtobufShape([ProtobufShape.Field(1, "name"), ProtobufShape.Field(2, "image")]))
                        ),
                        ProtobufShape.Field(4, "terminationGracePeriodSeconds", .integer),
                        ProtobufShape.Field(7, "nodeSelector", .texts),
                    ])
                )
            )
        ]
    )

    private static let pod =
        #"{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"pbtest","namespace":"default","#
        + #""uid":"8507107e-d0bd-4cd5-a928-6b42d3f54af6","resourceVersion":"88580","#
        + #""creationTimestamp":"2026-11-23T13:16:01Z","labels":{"run":"pbtest"}},"#
        + #""spec":{"containers":[{"name":"pbtest","image":"registry.example/a:b"}],"#
        + #""terminationGracePeriodSeconds":30,"nodeSelector":{"none":"x"}}}}"#

    private static let bookmark =
        #"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"88580","#
        + #""annotations":{"k8s.io/initial-events-end":"true"}}}}"#

    private static let expired =
        #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","#
        + #""message":"too old resource version: 1 (31833)","reason":"Expired","code":410}}"#

    private func lines(_ chunks: [[UInt8]], limit: Int = 8 << 20) throws -> [String] {
        var frames = WatchFrameDecoder(maximumFrameBytes: limit)
        var transcriber = ProtobufTranscriber(limit: limit)
        var lines: [String] = []
        for chunk in chunks {
            try frames.decode(chunk) { frame in
                try transcriber.transcribe(event: frame, Self.shape)
                lines.append(String(decoding: transcriber.json, as: UTF8.self))
            }
        }
        return lines
    }

    // MARK: - What a server sends

    @Test("what an API server sent becomes the lines that it would have sent in JSON, as far as they are read")
    func recorded() throws {
        #expect(try lines([RecordedFrames.pods]) == [Self.pod, Self.bookmark])
        #expect(try lines([RecordedFrames.expired]) == [Self.expired])
        let bytes = RecordedFrames.pods
        for position in 0...bytes.count {
            #expect(try lines([Array(bytes[..<position]), Array(bytes[position...])]) == [Self.pod, Self.bookmark])
        }
        #expect(try lines(bytes.map { [$0] }) == [Self.pod, Self.bookmark])
    }

    @Test("cut at random positions, the events are the same")
    func randomCuts() throws {
        let seed = testSeed("watch frames")
        var random = SeededGenerator(seed: seed)
        let bytes = RecordedFrames.pods + RecordedFrames.expired + RecordedFrames.pods
        let whole = try lines([bytes])
        #expect(whole == [Self.pod, Self.bookmark, Self.expired, Self.pod, Self.bookmark])
        for _ in 0..<300 {
            let cuts = (0..<8).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted() + [bytes.count]
            let chunks = zip([0] + cuts, cuts).map { Array(bytes[$0..<$1]) }
            #expect(try lines(chunks) == whole, "cuts \(cuts), TEST_SEED=\(seed)")
        }
    }

    @Test("any byte may be another: it is an event or a failure, never the end of the process")
    func mutations() {
        for bytes in [RecordedFrames.pods, RecordedFrames.expired] {
            for index in bytes.indices {
                for bit in 0..<8 {
                    var mutated = bytes
                    mutated[index] ^= 1 << UInt8(bit)
                    for line in (try? lines([mutated], limit: 1 << 16)) ?? [] {
                        _ = try? WatchNotification<Pod>(line: Array(line.utf8))
                    }
                }
            }
        }
    }

    // MARK: - Single rules

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    private static func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    /// An object in its envelope.
    private static func object(_ message: [UInt8]) -> [UInt8] {
        ProtobufTranscriber.magic + field(1, text(1, "v1") + text(2, "Pod")) + field(2, message)
    }

    private func json(_ bytes: [UInt8], _ shape: ProtobufShape, limit: Int = 1 << 16) throws -> String {
        var transcriber = ProtobufTranscriber(limit: limit)
        try bytes.withUnsafeBytes { try transcriber.transcribe(object: $0, shape) }
        return String(decoding: transcriber.json, as: UTF8.self)
    }

    @Test("lists and maps whose elements lie scattered in a message are whole")
    func scattered() throws {
        let element = ProtobufShape([ProtobufShape.Field(1, "name")])
        let shape = ProtobufShape([
            ProtobufShape.Field(2, "list", .messages(element)), ProtobufShape.Field(3, "map", .texts),
            ProtobufShape.Field(4, "text"),
        ])
        let message =
            Self.field(2, Self.text(1, "a")) + Self.field(3, Self.text(1, "k") + Self.text(2, "v"))
            + Self.field(2, []) + Self.text(4, "x") + Self.field(3, Self.text(2, "w") + Self.text(1, "l"))
            + Self.field(2, Self.text(1, "c"))
        #expect(
            try json(Self.object(message), shape)
                == #"{"kind":"Pod","apiVersion":"v1","list":[{"name":"a"},{},{"name":"c"}],"#
                + #""map":{"k":"v","l":"w"},"text":"x"}"#
        )
    }

    @Test("what Go writes empty is left out, members of an inlined message stand among the others, texts are escaped")
    func forms() throws {
        let shape = ProtobufShape([
            ProtobufShape.Field(1, "common", .inlined(ProtobufShape([ProtobufShape.Field(1, "name")]))),
            ProtobufShape.Field(2, "text"), ProtobufShape.Field(3, "time", .time),
            ProtobufShape.Field(4, "number", .integer),
        ])
        let head = #"{"kind":"Pod","apiVersion":"v1""#
        #expect(try json(Self.object(Self.field(1, []) + Self.text(2, "") + Self.field(3, [])), shape) == head + "}")
        let message =
            Self.field(1, Self.text(1, "a\"\\\n\u{1F4E6}")) + Self.text(2, "b") + Self.field(3, [0x08, 0x01])
            // -1, a field of fixed size, and one that nobody reads.
            + [0x20] + [UInt8](repeating: 0xFF, count: 9) + [0x01, 0x29, 1, 2, 3, 4, 5, 6, 7, 8] + Self.text(9, "z")
        let read = try json(Self.object(message), shape)
        #expect(
            read == head
                + ",\"name\":\"a\\\"\\\\\\u000a\u{1F4E6}\",\"text\":\"b\",\"time\":\"1970-01-01T00:00:01Z\",\"number\":-1}"
        )
        #expect((try JSONParser().parse(Array(read.utf8)))["name"] == "a\"\\\n\u{1F4E6}")
    }

    @Test("bytes that no server writes are refused, and say why")
    func refused() {
        let shape = ProtobufShape([ProtobufShape.Field(1, "text"), ProtobufShape.Field(2, "number", .integer)])
        for (bytes, problem) in [
            ([], ProtobufError.noEnvelope), (Array("k8s".utf8), .noEnvelope),
            (ProtobufTranscriber.magic + [0x0A], .incomplete), (ProtobufTranscriber.magic + [0x0A, 5, 1], .incomplete),
            (Self.object([0x0A, 0x80]), .incomplete), (Self.object([0x09, 1]), .incomplete),
            (Self.object([0x0D, 1]), .incomplete), (Self.object([0x02, 0]), .malformedField),
            (Self.object([0x0B]), .malformedField), (Self.object([0x08, 1]), .malformedField),
            (Self.object([0x12, 0]), .malformedField),
            (Self.object([0x10] + [UInt8](repeating: 0xFF, count: 10)), .malformedField),
            (Self.object([0x10] + [UInt8](repeating: 0x80, count: 9) + [0x02]), .malformedField),
            (Self.object([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01]), .incomplete),
            (Self.object(Self.text(1, String(repeating: "x", count: 60))), .tooLong(limit: 64)),
        ] {
            #expect(throws: problem, "\(bytes)") { try json(bytes, shape, limit: 64) }
            #expect(!"\(problem)".isEmpty)
        }
        #expect(throws: ProtobufError.noEvent) { try lines([[0, 0, 0, 0]]) }
        #expect(throws: ProtobufError.noEvent) { try lines([[0, 0, 0, 7] + Self.text(1, "ADDED")]) }
        #expect(throws: ProtobufError.noEvent) { try lines([[0, 0, 0, 2] + Self.field(2, [])]) }
    }

    @Test("a frame up to the limit passes, one byte more does not, before it has arrived")
    func limit() throws {
        let length = RecordedFrames.expired.count - 4
        #expect(try lines([RecordedFrames.expired], limit: 200).count == 1)
        #expect(throws: WatchFrameDecoder.FrameTooLong(limit: length - 1)) {
            try lines([RecordedFrames.expired], limit: length - 1)
        }
        for chunks in [[[0xFF, 0xFF, 0xFF, 0xFF]], [[0xFF, 0xFF], [0xFF, 0xFF], [0]]] as [[[UInt8]]] {
            var frames = WatchFrameDecoder(maximumFrameBytes: 1 << 20)
            #expect(throws: WatchFrameDecoder.FrameTooLong.self) {
                for chunk in chunks + [[0]] { try frames.decode(chunk) { _ in } }
            }
        }
    }

    // MARK: - Watches

    /// Answers a watch as told, and keeps what was asked for.
    private func watch(
        _ type: String?,
        _ body: [UInt8],
        status: Int = 200,
        shape: ProtobufShape?
    ) async throws -> (accept: String?, events: [String]) {
        let transport = FakeTransport([.bytes(status, body, type.map { ["content-type": $0] } ?? [:])])
        let client = APIClient(transport: transport, userAgent: "test/1", clock: JumpingClock())
        let reader = CollectionReader(client, ObjectReader(Pod.resource, NameAlone(), shape: shape))
        let events = Mutex<[String]>([])
        try await reader.watch { notification in
            events.withLock { $0.append(Self.line(notification)) }
            return .proceed
        }
        return (transport.requests.first?.headers["accept"], events.withLock { $0 })
    }

    private static func line(_ notification: WatchNotification<DecodedObject<String>>) -> String {
        switch notification {
        case .added(let object): "added \(object.value)@\(object.header.resourceVersion)"
        case .bookmark(let metadata): "bookmark \(metadata.resourceVersion ?? "") \(metadata.annotations.count)"
        case .failed(let error): "failed \(error.code.rawValue) \(error.httpStatus)"
        default: "another"
        }
    }

    @Test("Protocol Buffers are asked for where they can be read, and JSON is read where a server sends that")
    func negotiation() async throws {
        let type = "application/vnd.kubernetes.protobuf;stream=watch"
        let binary = try await watch(type, RecordedFrames.pods + RecordedFrames.expired, shape: Self.shape)
        #expect(binary.accept == "application/vnd.kubernetes.protobuf, application/json")
        #expect(binary.events == ["added pbtest@88580", "bookmark 88580 1", "failed Expired 410"])
        let json = Array((Self.pod + "\n" + Self.bookmark + "\n" + Self.expired + "\n").utf8)
        for type in ["application/json", nil] {
            #expect(try await watch(type, json, shape: Self.shape).events == binary.events)
        }
        let plain = try await watch("application/json", json, shape: nil)
        #expect(plain.accept == "application/json" && plain.events == binary.events)
    }

    @Test("events before a frame that cannot be read count, and the failure says whose watch it was")
    func brokenFrame() async throws {
        let type = "application/vnd.kubernetes.protobuf;stream=watch"
        let error = await #expect(throws: APIError.self) {
            _ = try await watch(type, RecordedFrames.pods + [0, 0, 0, 1, 0xFF], shape: Self.shape)
        }
        #expect(error?.code == .malformedResponse)
        #expect(error?.message == "a frame of the watch on /api/v1/pods is no watch event: it ends inside a field")
    }

    @Test("a refusal in Protocol Buffers is read like one in JSON")
    func refusal() async throws {
        // What stands in the frame of the recorded error, without the frame.
        let bytes = Array(RecordedFrames.expired.dropFirst(15))
        #expect(bytes.starts(with: ProtobufTranscriber.magic))
        let error = await #expect(throws: APIError.self) {
            _ = try await watch("application/vnd.kubernetes.protobuf", bytes, status: 410, shape: Self.shape)
        }
        #expect(error?.code == .expired && error?.httpStatus == 410)
        #expect(error?.message.contains("too old resource version: 1 (31833)") == true)
        let broken = APIError(
            APIResponse(status: 503, headers: ["retry-after": "7"], body: Array(bytes.prefix(20))),
            to: APIRequest(.get, "/api/v1/pods")
        )
        #expect(broken.code == .serviceUnavailable && broken.retryAfter == .seconds(7))
        #expect(broken.message == "GET /api/v1/pods was answered with 503")
    }

    /// Keeps nothing of a pod.
    private struct NameAlone: ObjectProjection {
        func draft() {}
        func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Void) throws -> Bool { false }
        func value(_ draft: Void, _ header: ObjectHeader) -> String { header.name }
    }
}
