import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import TestTiming
import Testing

@Suite("Chaos: frames cut anywhere", .timeLimit(Chaos.timeLimit))
struct FrameScenarios {
    /// Three events with everything a cut may fall into: characters of four bytes, escapes, CRLF, empty lines, a raw
    /// line separator.
    private static let corpus: [UInt8] = {
        func event(_ type: String, _ name: String, _ version: Int, _ text: String) -> String {
            #"{"type":"\#(type)","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","#
                + #""namespace":"default","uid":"u-\#(name)","resourceVersion":"\#(version)"},"data":{"text":"\#(text)"}}}"#
        }
        let text =
            event("ADDED", "a", 11, "💥 \\u2028 \u{2028} \\ud83d\\ude00 \\\\u0041 \\\"{}\\n") + "\r\n\r\n\n"
            + event("MODIFIED", "a", 12, "Zoë 漢字 \u{85} \\u00e9\\r\\n") + "\n\n"
            + event("DELETED", "b", 13, "\\/ \\b 👩‍👩‍👧") + "\r\n"
        return Array(text.utf8)
    }()

    private static let reader = ObjectReader(ConfigMap.self) { $0.data?["text"] ?? "?" }

    /// What a client makes of a body that arrives in these pieces.
    private static func read(_ pieces: [[UInt8]]) async throws -> [String] {
        let transport = PieceTransport(pieces: pieces)
        let client = APIClient(transport: transport, userAgent: "tests/1.0")
        let told = Shelf<[String]>([])
        try await CollectionReader(client, reader).watch { notification in
            let line =
                switch notification {
                case .added(let object): "ADDED \(object.header.name) \(object.header.resourceVersion) \(object.value)"
                case .modified(let object):
                    "MODIFIED \(object.header.name) \(object.header.resourceVersion) \(object.value)"
                case .deleted(let object):
                    "DELETED \(object.header.name) \(object.header.resourceVersion) \(object.value)"
                default: "something else"
                }
            told.change { $0.append(line) }
            return .proceed
        }
        return told.value
    }

    private static let expected = [
        "ADDED a 11 💥 \u{2028} \u{2028} 😀 \\u0041 \"{}\n", "MODIFIED a 12 Zoë 漢字 \u{85} é\r\n",
        "DELETED b 13 / \u{8} 👩‍👩‍👧",
    ]

    @Test("6: three events read the same wherever their stream is cut in two")
    func everySplit() async throws {
        for position in 0...Self.corpus.count {
            let pieces = [Array(Self.corpus[..<position]), Array(Self.corpus[position...])]
            let told = try await Self.read(pieces)
            guard told == Self.expected else {
                Issue.record("cut at \(position): \(told)")
                return
            }
        }
    }

    @Test("6: and in a thousand random ways in many, down to single bytes", arguments: Chaos.seeds)
    func randomSplits(seed: UInt64) async throws {
        Chaos.announce("6: random splits", seed)
        var random = SplitMix64(seed: seed)
        for number in 0..<1000 {
            var rest = Self.corpus[...]
            var pieces: [[UInt8]] = []
            let longest = number == 0 ? 1 : Int.random(in: 1...200, using: &random)
            while !rest.isEmpty {
                let length = Int.random(in: 1...longest, using: &random)
                pieces.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            let told = try await Self.read(pieces)
            guard told == Self.expected else {
                Issue.record("pieces of \(pieces.map(\.count)): \(told)")
                return
            }
        }
    }

    @Test(
        "6: the operator converges when every watch and list arrives in pieces of one to seven bytes",
        arguments: Chaos.seeds
    )
    func atWork(seed: UInt64) async throws {
        var scenario = MachineryScenario(title: "6: pieces")
        scenario.steps = 12
        scenario.duration = .seconds(40)
        try await scenario.run(seed: seed) { world in
            world.plan.add(FaultMatch([.watch, .list], client: WidgetWorld.client), .split(.random(upTo: 7)))
            try await world.pass(.seconds(60))
        }
    }
}

/// Answers every request with a body in these pieces.
struct PieceTransport: APITransport {
    let pieces: [[UInt8]]

    func send(_ request: APIRequest) async throws -> APIResponse {
        APIResponse(status: 200, body: pieces.flatMap { $0 })
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        for piece in pieces { continuation.yield(piece) }
        continuation.finish()
        return try await body(APIResponseStream(status: 200, headers: [:], body: stream))
    }
}
