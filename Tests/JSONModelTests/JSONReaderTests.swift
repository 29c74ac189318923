import Foundation
import JSONModel
import TestTiming
import Testing

@Suite("JSON reader")
struct JSONReaderTests {
    private func skip(_ text: String) throws { try JSONReader.read(Array(text.utf8)) { try $0.skip() } }

    private func first<Value>(_ text: String, _ read: (inout JSONReader) throws -> Value) throws -> Value {
        try JSONReader.read(Array(text.utf8), read)
    }

    @Test("reads what is asked for and skips the rest, whatever the order")
    func pull() throws {
        let text = #"""
             {"skipped":{"a":[1,{"b":"]}"}],"name":"no"},"na\u006de":"x\ud83d\ude00\n","list":[1,-2],"flag":true,
             "none":null,"half":0.5}
            """#
        var (name, numbers, flag, isNull, half) = ("", [Int64](), false, false, 0.0)
        try first(text) { reader in
            try reader.beginObject()
            while let member = try reader.nextMember() {
                switch member {
                case "name": name = try reader.string()
                case "list":
                    try reader.beginArray()
                    while try reader.nextElement() { numbers.append(try reader.integer()) }
                case "flag": flag = try reader.bool()
                case "none": isNull = try reader.null()
                case "half": half = try reader.double()
                default: try reader.skip()
                }
            }
        }
        #expect(name == "x😀\n" && numbers == [1, -2] && flag && isNull && half == 0.5)
    }

    @Test("integers are exact to 64 bits, and nothing else passes for one")
    func integers() throws {
        #expect(try first("9223372036854775807") { try $0.integer() } == .max)
        #expect(try first("-9223372036854775808") { try $0.integer() } == .min)
        for text in ["9223372036854775808", "1.0", "1e2", "\"1\"", "-", "01"] {
            #expect(throws: JSONError.self) { try first(text) { try $0.integer() } }
        }
        #expect(throws: JSONError.self) { try first("1e999") { try $0.double() } }
    }

    @Test("another kind than was asked for is an error, whose place has a name")
    func wrongKind() throws {
        let text = Array(#"{"spec":{"x":[],"containers":[{"image":"a"},{"image":7,"name":"b"}]}}"#.utf8)
        let error = #expect(throws: JSONError.self) {
            try JSONReader.read(text) { reader in
                try reader.beginObject()
                _ = try reader.nextMember()
                try reader.beginObject()
                _ = try reader.nextMember()
                try reader.skip()
                _ = try reader.nextMember()
                try reader.beginArray()
                while try reader.nextElement() {
                    try reader.beginObject()
                    while try reader.nextMember() != nil { _ = try reader.string() }
                }
            }
        }
        #expect(error?.problem == .wrongKind("a string"))
        let place = text.withUnsafeBytes { JSONPath.text(at: error?.offset ?? 0, in: $0) }
        #expect(place == "spec.containers[1].image")
        let reads: [(inout JSONReader) throws -> Void] = [
            { _ = try $0.bool() }, { _ = try $0.integer() }, { _ = try $0.double() }, { _ = try $0.string() },
            { try $0.beginArray() },
        ]
        for read in reads { #expect(throws: JSONError.self) { try first("{}") { try read(&$0) } } }
        #expect(
            try first("7") { reader in
                let isNull = try reader.null()
                try reader.skip()
                return isNull
            } == false
        )
    }

    @Test(
        "text that is no JSON is refused, also where it is skipped",
        arguments: [
            "", " ", "{", "[1,", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "1e", "-", "tru", "nulll",
            "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"", "\"", "1 2",
            "{} {}", "NaN", "'a'", "[}", "{]", "[1}", "{\"a\":1]", "[1 2]", "{\"a\" 1}", "[,1]", "{,}",
            "{\"a\":1 \"b\":2}", "\"0123456789\u{1}\"", "{\"a\"}", "[\"\\", "\u{FEFF}{}",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try skip(text) }
        #expect(throws: JSONError.self) { try skip("[\(text)") }
        #expect(throws: JSONError.self) { try first(text) { try tree(&$0) } }
    }

    @Test("invalid UTF-8 is refused wherever it stands in a string", arguments: 0..<20)
    func invalidUTF8(_ place: Int) {
        for odd: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x80]] {
            let bytes = [0x22] + [UInt8](repeating: 0x61, count: place) + odd + [0x22]
            #expect(throws: JSONError.self) { try JSONReader.read(bytes) { try $0.skip() } }
            #expect(throws: JSONError.self) { try JSONReader.read(bytes) { try $0.string() } }
            #expect(throws: JSONError.self) { try JSONReader.read(bytes) { try $0.string(in: StringPool()) } }
        }
    }

    @Test("depth has a limit and costs no stack")
    func depth() throws {
        let limit = JSONReader.maximumDepth
        try skip(String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
        let mixed =
            (0..<limit).map { $0 % 3 == 0 ? "{\"a\":" : "[" }.joined() + "1"
            + (0..<limit).reversed().map { $0 % 3 == 0 ? "}" : "]" }.joined()
        try skip(mixed)
        let error = #expect(throws: JSONError.self) { try skip(String(repeating: "[", count: limit + 1)) }
        #expect(error?.problem == .limitExceeded("nested deeper than 10000"))
    }

    @Test("accepts what the strict parser accepts, with the same values, and refuses what it refuses")
    func differential() throws {
        let seed = testSeed("JSON reader")
        var random = RandomJSON(seed: seed)
        let parser = JSONParser(duplicateKeys: .lastWins)
        var accepted = 0
        for round in 0..<4000 {
            let whole = Array(random.document().utf8)
            let bytes = round % 4 == 0 ? whole : random.mutated(whole)
            let expected = try? parser.parse(bytes)
            let found = try? JSONReader.read(bytes) { try tree(&$0) }
            #expect(found == expected, "TEST_SEED=\(seed) \(String(decoding: bytes, as: UTF8.self))")
            let isSkipped = (try? JSONReader.read(bytes) { try $0.skip() }) != nil
            // What is skipped is not converted, so a number beyond the range of doubles passes.
            if isSkipped != (expected != nil) {
                let problem = #expect(throws: JSONError.self) { try parser.parse(bytes) }?.problem
                #expect(isSkipped && problem == .invalidNumber, "TEST_SEED=\(seed)")
            }
            if expected != nil { accepted += 1 }
            if round % 4 == 0 { #expect((try? JSONDecoder().decode(JSONValue.self, from: Data(whole))) != nil) }
        }
        #expect(accepted > 1000 && accepted < 4000, "TEST_SEED=\(seed)")
    }

    @Test("strings of a pool share their storage and are what they would be without")
    func pool() throws {
        let pool = StringPool(capacity: 2)
        let texts = (0..<50).map { "a string that is too long to be stored inline \($0 % 7) é" } + ["", "short"]
        for text in texts + texts {
            #expect(pool.string(text) == text)
            let bytes = Array("[\"\(text)\",\"\(text)\\n\"]".utf8)
            let (plain, escaped) = try JSONReader.read(bytes) { reader in
                try reader.beginArray()
                _ = try reader.nextElement()
                let plain = try reader.string(in: pool)
                _ = try reader.nextElement()
                let escaped = try reader.string(in: pool)
                _ = try reader.nextElement()
                return (plain, escaped)
            }
            #expect(plain == text && escaped == text + "\n")
        }
        let bytes = Array("a string of more than fifteen bytes".utf8)
        let (one, other) = bytes.withUnsafeBytes { (pool.string($0), pool.string($0)) }
        func address(_ text: String?) -> UInt? {
            text?.utf8.withContiguousStorageIfAvailable { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(one == other && address(one) == address(other))
    }
}
