import JSONModel
import TestTiming
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONParser().parse(Array(text.utf8)) }

    @Test("values of every kind are read")
    func values() throws {
        let value = try parse(#" {"a":[1,-2.5,true,null,"x\u00e9\ud83d\ude00\n"],"b":{}} "#)
        #expect(value == ["a": [1, .number(-2.5), true, nil, "xé😀\n"], "b": [:]])
    }

    @Test("integers beyond 64 bits become doubles, not wrapped integers")
    func largeIntegers() throws {
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    }

    @Test(
        "text that is no JSON is refused",
        arguments: [
            "", " ", "{", "[1,", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "1e", "-", "tru", "nulll",
            "\"\\x\"",
            "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "\"", "1 2", "{} {}", "NaN", "1e999", "'a'",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test("invalid UTF-8 inside a string is refused")
    func invalidUTF8() {
        #expect(throws: JSONError(.invalidString, offset: 1)) { try JSONParser().parse([0x22, 0xFF, 0x22]) }
    }

    @Test("a member that occurs twice is refused, also when one spelling is escaped")
    func duplicates() {
        #expect(throws: JSONError(.duplicateKey("a"), offset: 7)) { try parse(#"{"a":1,"\u0061":2}"#) }
        #expect(throws: JSONError.self) { try parse(#"{"x":[{"b":1,"b":1}]}"#) }
    }

    @Test("where duplicates are allowed the later value stays and the paths are reported")
    func reportedDuplicates() throws {
        var duplicates: [String] = []
        let text = Array(#"{"spec":{"color":1,"color":2,"list":[{},{"name":1,"name":2}]}}"#.utf8)
        let value = try JSONParser(duplicateKeys: .lastWins).parse(text, duplicates: &duplicates)
        #expect(value.value(at: "spec", "color") == 2)
        #expect(duplicates == ["spec.color", "spec.list[1].name"])
    }

    @Test("each limit stops the reader before it allocates")
    func limits() {
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: JSONError(.limitExceeded("nested deeper than 64"), offset: 64)) { try JSONParser().parse(deep) }
        let small = JSONParser(limits: JSONLimits(maximumBytes: 4, maximumDepth: 1, maximumValues: 2))
        #expect(throws: JSONError.self) { try small.parse(Array("12345".utf8)) }
        #expect(throws: JSONError.self) { try small.parse(Array("[[]]".utf8)) }
        #expect(throws: JSONError.self) { try small.parse(Array("[1,2".utf8)) }
    }

    @Test("what the serializer writes reads back as the same value")
    func roundTrip() throws {
        let value: JSONValue = [
            "k\"\\\n\u{7}": ["é😀", 1, .number(0.1), .number(1e300), false, nil, [:], []], "a": "/",
        ]
        #expect(try JSONParser().parse(JSONSerializer().bytes(value)) == value)
        #expect(try JSONParser().parse(JSONSerializer(isPretty: true).bytes(value)) == value)
    }

    @Test("members are written sorted, so equal values have equal bytes")
    func sorted() {
        #expect(JSONSerializer().string(["b": 1, "a": [], "c": [:]]) == #"{"a":[],"b":1,"c":{}}"#)
        #expect(JSONSerializer(isPretty: true).string(["a": [1]]) == "{\n  \"a\": [\n    1\n  ]\n}")
    }

    @Test("mutated documents never crash the reader")
    func mutations() {
        let seed = UInt64.random(in: .min ... .max)
        print("JSONParserTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let base = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":[[]]}}"#.utf8)
        for _ in 0..<5_000 {
            var bytes = base
            for _ in 0...Int(random.next() % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(index...)
                default: bytes.insert(contentsOf: bytes[index...], at: index)
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            if let value = try? JSONParser().parse(bytes) {
                #expect((try? JSONParser().parse(JSONSerializer().bytes(value))) == value)
            }
        }
    }
}
