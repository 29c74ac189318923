import JSONModel
import KubernetesAPI
import KubernetesClient
import Synchronization
import TestTiming
import Testing

@Suite("Collections read as they arrive")
struct CollectionReaderTests {
    /// Keeps the size of a gadget and the values of its labels.
    private struct GadgetSize: ObjectProjection {
        struct Kept: Sendable, Equatable {
            var size: Int64
            var labels: [String]
        }

        func draft() -> Kept { Kept(size: -1, labels: []) }

        func readMetadata(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Kept) throws -> Bool {
            guard case "labels" = name else { return false }
            draft.labels = []
            try reader.members { _, reader in draft.labels.append(try reader.string()) }
            return true
        }

        func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Kept) throws -> Bool {
            guard case "spec" = name else { return false }
            try reader.members { name, reader in
                guard case "size" = name else { return try reader.skip() }
                draft.size = try reader.integer()
            }
            return true
        }

        func value(_ draft: Kept, _ header: ObjectHeader) -> Kept { draft }
    }

    /// Answers every request with a body in the given pieces.
    private struct Pieces: APITransport {
        var pieces: [[UInt8]]

        func send(_ request: APIRequest) async throws -> APIResponse {
            APIResponse(status: 200, headers: [:], body: Array(pieces.joined()))
        }

        func stream<Result: Sendable>(
            _ request: APIRequest,
            _ body: @Sendable (APIResponseStream) async throws -> Result
        ) async throws -> Result {
            try await body(
                APIResponseStream(status: 200, headers: [:], body: FakeTransport.Bytes(chunks: pieces))
            )
        }
    }

    private func reader(_ pieces: [[UInt8]]) -> CollectionReader<GadgetSize.Kept> {
        CollectionReader(
            APIClient(transport: Pieces(pieces: pieces), userAgent: "test/1", clock: JumpingClock()),
            ObjectReader(Gadget.resource, GadgetSize())
        )
    }

    /// Every element of a list, and where the list stands, as lines.
    private func list(_ pieces: [[UInt8]]) async throws -> [String] {
        let lines = Mutex<[String]>([])
        let position = try await reader(pieces).list { element in
            let line =
                switch element {
                case .object(let object):
                    "\(object.header.key)@\(object.header.resourceVersion) \(object.value.size) \(object.value.labels)"
                case .unreadable(let key, let cause): "unreadable \(key?.description ?? "?"): \(cause)"
                }
            lines.withLock { $0.append(line) }
        }
        return lines.withLock { $0 } + ["\(position.resourceVersion) \(position.continueToken ?? "-")"]
    }

    /// Every line of a watch, as lines.
    private func watch(_ pieces: [[UInt8]]) async throws -> [String] {
        let lines = Mutex<[String]>([])
        do {
            try await reader(pieces).watch { notification in
                let line =
                    switch notification {
                    case .added(let object): "added \(object.header.key) \(object.value.size) \(object.value.labels)"
                    case .modified(let object): "modified \(object.header.key) \(object.value.size)"
                    case .deleted(let object): "deleted \(object.header.key)@\(object.header.resourceVersion)"
                    case .bookmark(let metadata):
                        "bookmark \(metadata.resourceVersion ?? "-") \(notification.endsInitialEvents)"
                    case .failed(let error): "failed \(error.httpStatus) \(error.code.rawValue)"
                    case .unreadable(let metadata, let isDeletion, let cause):
                        "unreadable \(metadata.name) \(isDeletion) \(cause)"
                    }
                lines.withLock { $0.append(line) }
                return .proceed
            }
        } catch {
            lines.withLock { $0.append("thrown: \(error)") }
        }
        return lines.withLock { $0 }
    }

    private let listText = Array(
        """
        {"kind":"GadgetList","items":[
        {"metadata":{"name":"a","namespace":"shop","resourceVersion":"3","managedFields":[{"f:x":{}}],
        "labels":{"k":"\u{1F4E6}\u{2028}\\ud83d\\ude00\\u2028]}"}},"spec":{"size":1,"size":2}},\r
        {"spec":{"size":"seven"},"metadata":{"name":"odd","namespace":"shop"}}, 7,
        {"kind":"Table","metadata":{"name":"t"}},{"metadata":{"namespace":"shop"},"spec":{"size":1}}
        ],"metadata":{"continue":"next","resourceVersion":"10"}}
        """.utf8
    )

    private let listLines = [
        "shop/a@3 2 [\"\u{1F4E6}\u{2028}😀\u{2028}]}\"]", "unreadable shop/odd: spec.size is not an integer",
        "unreadable ?: it has an unexpected form", "unreadable t: it is a Table, not a Gadget",
        "unreadable ?: metadata.name is missing", "10 next",
    ]

    @Test("a list cut at every position, and byte by byte, is the same; its metadata may come last")
    func listSplits() async throws {
        var lines = try await list([listText])
        // What a bare number is called matters little.
        lines[2] = listLines[2]
        #expect(lines == listLines)
        let whole = try await list([listText])
        for place in 0...listText.count {
            #expect(try await list([Array(listText[..<place]), Array(listText[place...])]) == whole)
        }
        #expect(try await list(listText.map { [$0] }) == whole)
    }

    @Test("a list that breaks off is an error, wherever it does")
    func listTruncated() async {
        for length in stride(from: 0, to: listText.count, by: 7) {
            let error = await #expect(throws: APIError.self) { try await list([Array(listText[..<length])]) }
            #expect(error?.code == .malformedResponse)
        }
    }

    private let watchText = Array(
        """
        {"type":"ADDED","object":{"kind":"Gadget","metadata":{"name":"a","labels":{"k":"\u{1F4E6}\u{2028}\u{85}\\u2028"}},\
        "spec":{"size":1}}}
        {"object":{"metadata":{"name":"b"},"spec":{"size":9007199254740993}},"type":"MODIFIED"}\r

        {"type":"MODIFIED","object":{"metadata":{"name":"odd","resourceVersion":"4"},"spec":{"size":[]}}}
        {"type":"MODIFIED","object":{"kind":"Table","metadata":{},"rows":[]}}
        {"type":"DELETED","object":{"metadata":{"name":"b","namespace":"shop","resourceVersion":"9"}}}
        {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12","annotations":{"x":"y",\
        "k8s.io/initial-events-end":"true"}}}}
        {"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410}}

        """.utf8
    )

    @Test("a watch cut at every position, and byte by byte, says the same")
    func watchSplits() async throws {
        let whole = try await watch([watchText])
        #expect(
            whole == [
                "added a 1 [\"\u{1F4E6}\u{2028}\u{85}\u{2028}\"]", "modified b 9007199254740993",
                "unreadable odd false object.spec.size is not an integer",
                "unreadable  false it is a Table, not a Gadget", "deleted shop/b@9", "bookmark 12 true",
                "failed 410 Expired",
            ]
        )
        for place in 0...watchText.count {
            #expect(try await watch([Array(watchText[..<place]), Array(watchText[place...])]) == whole)
        }
        #expect(try await watch(watchText.map { [$0] }) == whole)
    }

    @Test("an object of 1.5 MB passes a watch and a list in pieces of any size", arguments: [4096, 65_537])
    func large(size: Int) async throws {
        let object = """
            {"kind":"Gadget","metadata":{"name":"big","annotations":{"a":"\(String(repeating: "é\\n", count: 375_000))"}},\
            "spec":{"size":1}}
            """
        func pieces(_ text: String) -> [[UInt8]] {
            let bytes = Array(text.utf8)
            return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        }
        #expect(try await watch(pieces("{\"type\":\"ADDED\",\"object\":\(object)}\n")) == ["added big 1 []"])
        let page = "{\"items\":[\(object)],\"metadata\":{\"resourceVersion\":\"5\"}}"
        #expect(try await list(pieces(page)) == ["big@ 1 []", "5 -"])
    }

    @Test("what came before a garbage line counts")
    func garbage() async throws {
        let lines = try await watch([Array("{\"type\":\"ADDED\",\"object\":\(Gadget.json("a"))}\n<html>secret\n".utf8)])
        #expect(lines.count == 2 && lines[0] == "added shop/a 1 []")
        #expect(lines[1].contains("no watch event") && !lines[1].contains("secret"))
    }

    @Test("broken lines and lists end in errors, and good parts of them mean what they say")
    func mutations() async throws {
        let seed = testSeed("CollectionReader mutations")
        var generator = SeededGenerator(seed: seed)
        func random(_ limit: Int) -> Int { Int.random(in: 0..<max(1, limit), using: &generator) }
        for _ in 0..<1500 {
            var (line, page) = (watchText, listText)
            for _ in 0...random(3) {
                line[random(line.count)] = UInt8(random(256))
                page.remove(at: random(page.count))
                line.insert(line[random(line.count)], at: random(line.count))
            }
            _ = try await watch([line])
            guard let lines = try? await list([page]) else { continue }
            // A list that was read is JSON of that form for the strict parser too.
            let parsed = try JSONParser(duplicateKeys: .lastWins).parse(page)
            #expect(parsed.value(at: "items")?.array?.count ?? 0 == lines.count - 1, "TEST_SEED=\(seed)")
        }
    }

    @Test("a projection and a whole object read the same")
    func whole() async throws {
        let text = Array(Gadget.list([Gadget.json("a", version: "4", size: "7"), Gadget.json("b")]).utf8)
        let client = APIClient(transport: Pieces(pieces: [text]), userAgent: "test/1", clock: JumpingClock())
        let page = try await client.resource(Gadget.self).page(of: ObjectSelection())
        #expect(
            page.items.map { "\($0.key)@\($0.metadata.resourceVersion ?? "") \($0.spec.size) []" } + ["10 -"]
                == (try await list([text]))
        )
    }
}
