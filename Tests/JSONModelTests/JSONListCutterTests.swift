import JSONModel
import TestTiming
import Testing

@Suite("JSON list cutter")
struct JSONListCutterTests {
    private struct Cut: Equatable {
        var elements: [JSONValue] = []
        var members: [String: JSONValue] = [:]
    }

    /// Cuts pieces, and reads each part strictly.
    private func cut(_ pieces: [[UInt8]], limit: Int = 8 << 20) throws -> Cut {
        var cutter = JSONListCutter(array: "items", maximumPartBytes: limit)
        var result = Cut()
        for piece in pieces {
            try piece.withUnsafeBytes { bytes in
                try cutter.cut(bytes) { part, bytes in
                    let value = try JSONReader.read(bytes) { try tree(&$0) }
                    switch part {
                    case .element: result.elements.append(value)
                    case .member(let name): result.members[name] = value
                    }
                }
            }
            #expect(cutter.heldBytes <= limit)
        }
        try cutter.finish()
        guard cutter.hasArray else { throw JSONError(.unexpectedEnd, offset: 0) }
        return result
    }

    private func cut(_ text: String) throws -> Cut { try cut([Array(text.utf8)]) }

    /// A list with everything that is easily cut wrong.
    private let corpus = Array(
        """
         {"kind":"List" , "items" : [ {"a":"\u{1F4E6}\u{2028}\u{85}é]}"} ,{"b":"\\u2028\\ud83d\\ude00\\"\\\\"},\r
        -1.5e3, null,"x",[[],{}] ] ,"meta\\u0064ata":{"continue":"to]ken","n":17}}
        """.utf8
    )

    @Test("cut at every single position, and byte by byte, the parts are the same")
    func everySplit() throws {
        let whole = try cut([corpus])
        #expect(whole.elements.count == 6)
        #expect(whole.elements[1] == ["b": "\u{2028}😀\"\\"])
        #expect(whole.members == ["kind": "List", "metadata": ["continue": "to]ken", "n": 17]])
        for position in 0...corpus.count {
            #expect(try cut([Array(corpus[..<position]), Array(corpus[position...])]) == whole)
        }
        #expect(try cut(corpus.map { [$0] }) == whole)
    }

    @Test("cut off anywhere it is no list, and says so")
    func truncated() {
        for length in 0..<corpus.count {
            #expect(throws: JSONError.self) { try cut([Array(corpus[..<length])]) }
        }
    }

    @Test("an empty list, and null for one, have no elements")
    func empty() throws {
        #expect(try cut(#"{"items":[]}"#) == Cut())
        #expect(try cut(#"{"items":null}"#) == Cut(members: ["items": nil]))
    }

    @Test(
        "what is no list is refused",
        arguments: [
            "", "[]", "{}", "null", #"{"items":{}}"#, #"{"items":7}"#, #"{"items":"x"}"#, #"{"items":nul}"#,
            #"{"items":[1,]}"#, #"{"items":[,1]}"#, #"{"items":[1 2]}"#, #"{"items":[1}}"#, #"{"items":[{]]}"#,
            #"{"items":[]} x"#, #"{"items":[]}{}"#, #"{"items":[],}"#, #"{"x":,"items":[]}"#, #"{"x" 1,"items":[]}"#,
            #"{"items":[],"items":[]}"#, #"{"items":[01]}"#, #"{"items":["\#u{1}"]}"#, #"{x:1,"items":[]}"#,
            #"{"x":{]}},"items":[]}"#, #"{,"items":[]}"#, #"{"items":[tru]}"#, "<html>",
        ]
    )
    func refused(_ text: String) { #expect(throws: JSONError.self) { try cut(text) } }

    @Test("a part up to the limit passes, one byte more does not, in one piece or in many")
    func limit() throws {
        let text = Array(#"{"items":["\#(String(repeating: "x", count: 98))"]}"#.utf8)
        #expect(try cut([text], limit: 100).elements.count == 1)
        #expect(try cut(text.map { [$0] }, limit: 100).elements.count == 1)
        #expect(throws: JSONError.self) { try cut([text], limit: 99) }
        #expect(throws: JSONError.self) { try cut(text.map { [$0] }, limit: 99) }
    }

    @Test("an element of 1.5 MB passes in pieces of any size, and is not held afterwards")
    func large() throws {
        let filler = String(repeating: "é\\n", count: 375_000)
        let text = Array(#"{"items":[{"data":"\#(filler)"},2]}"#.utf8)
        for size in [4096, 65_537, 1 << 20] {
            var cutter = JSONListCutter(array: "items")
            var lengths: [Int] = []
            for start in stride(from: 0, to: text.count, by: size) {
                try text[start..<min(start + size, text.count)].withUnsafeBytes { piece in
                    try cutter.cut(piece) { _, bytes in lengths.append(bytes.count) }
                }
            }
            try cutter.finish()
            #expect(lengths == [filler.utf8.count + 11, 1] && cutter.heldBytes == 0)
        }
    }

    @Test("agrees with the strict parser on random lists, good and broken, cut anywhere")
    func differential() throws {
        let seed = testSeed("JSON list cutter")
        var random = RandomJSON(seed: seed)
        var accepted = 0
        for round in 0..<1500 {
            let items = (0..<random.upTo(4)).map { _ in random.document(depth: 3) }.joined(separator: ",")
            let text = "{\"kind\":\(random.string()),\"items\":[\(items)],\"metadata\":\(random.document(depth: 2))}"
            let bytes = round % 3 == 0 ? Array(text.utf8) : random.mutated(Array(text.utf8))
            let place = random.upTo(bytes.count)
            let found = try? cut([Array(bytes[..<place]), Array(bytes[place...])])
            var duplicates: [String] = []
            let parsed = try? JSONParser(duplicateKeys: .lastWins).parse(bytes, duplicates: &duplicates)
            var expected: Cut?
            if case .object(var members) = parsed, !duplicates.contains("items") {
                switch members["items"] {
                case .array(let elements):
                    members["items"] = nil
                    expected = Cut(elements: elements, members: members)
                case .null: expected = Cut(members: members)
                default: break
                }
            }
            #expect(found == expected, "TEST_SEED=\(seed) \(String(decoding: bytes, as: UTF8.self))")
            if expected != nil { accepted += 1 }
        }
        #expect(accepted >= 500 && accepted < 1500, "TEST_SEED=\(seed)")
    }
}
