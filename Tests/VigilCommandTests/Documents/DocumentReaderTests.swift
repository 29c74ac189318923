import JSONModel
import TestTiming
import Testing

@testable import VigilCommand

@Suite("Documents of files")
struct DocumentReaderTests {
    private func read(_ text: String, name: String = "a.yaml") throws -> [JSONValue] {
        try DocumentReader.read(InputFiles.File(name: name, bytes: Array(text.utf8), isNamed: true)).map(\.value)
    }

    private func message(_ text: String, name: String = "a.yaml") -> String {
        do {
            _ = try read(text, name: name)
            return "read"
        } catch {
            return "\(error)"
        }
    }

    @Test("several documents are read in order, empty ones left out but counted")
    func severalDocuments() throws {
        let file = InputFiles.File(name: "a.yaml", bytes: Array("a: 1\n---\n---\nb: 2\n...\n".utf8), isNamed: true)
        let documents = try DocumentReader.read(file)
        #expect(documents.map(\.value) == [["a": 1], ["b": 2]])
        #expect(documents.map(\.number) == [1, 3])
    }

    @Test(
        "an empty file, a comment and a byte order mark alone are no documents",
        arguments: ["", "\n", "# x\n", "\u{FEFF}"]
    )
    func empty(text: String) throws {
        #expect(try read(text).isEmpty)
    }

    @Test(
        "plain scalars follow YAML 1.1 as Kubernetes reads it; quoted ones are text",
        arguments: [
            ("yes", JSONValue.bool(true)), ("off", .bool(false)), ("~", .null), ("", .null),
            ("\"yes\"", .string("yes")),
            ("'1'", .string("1")), ("1", .integer(1)), ("-17", .integer(-17)), ("0x1F", .integer(31)),
            ("0o17", .integer(15)), ("017", .integer(15)), ("1_000", .integer(1000)), ("1.5", .number(1.5)),
            ("1e3", .number(1000)), ("1:30", .string("1:30")), ("nan", .string("nan")),
            ("infinity", .string("infinity")),
            ("0x", .string("0x")), ("1.2.3", .string("1.2.3")), ("v1", .string("v1")), ("e5", .string("e5")),
            ("-", .array([.null])),
            ("2027-01-01T00:00:00Z", .string("2027-01-01T00:00:00Z")),
            ("18446744073709551616", .number(18446744073709551616)),
            ("nginx:1.25", .string("nginx:1.25")), ("!!int \"5\"", .integer(5)),
            ("|\n    two\n    lines", .string("two\nlines\n")),
        ]
    )
    func scalars(text: String, value: JSONValue) throws {
        #expect(try read("a:\n  \(text)\n") == [["a": value]])
    }

    @Test("keys are text whatever they look like")
    func keys() throws {
        #expect(try read("on: 1\n2: 2\nnull: 3\n~: 4\n") == [["on": 1, "2": 2, "null": 3, "~": 4]])
    }

    @Test("aliases and merge keys are followed; own keys win over merged ones, earlier merges over later ones")
    func merges() throws {
        let text = """
            base: &base {image: a, name: b}
            more: &more {name: c, extra: d}
            one: {<<: *base, name: own}
            two: {<<: [*base, *more]}
            three: *base
            """
        let value = try #require(try read(text).first)
        #expect(value["one"] == ["image": "a", "name": "own"])
        #expect(value["two"] == ["image": "a", "name": "b", "extra": "d"])
        #expect(value["three"] == ["image": "a", "name": "b"])
    }

    @Test(
        "what is no valid YAML is refused with file and line",
        arguments: [
            ("a: 1\nb: [1, 2\n", "a.yaml:3: is no valid YAML"), ("a:\n\t- 1\n", "a.yaml:2: is no valid YAML"),
            ("a: {{ .Values.image }}\n", "a.yaml:1: a key must be text"),
            ("a: 1\na: 2\n", "a.yaml:1: the key \"a\" is written more than once"),
            ("x: *nobody\n", "a.yaml:1: is no valid YAML: found undefined alias"),
            ("a: b\u{0}c\n", "a.yaml:1: is no valid YAML"),
            ("? [1, 2]\n: 3\n", "a.yaml:1: a key must be text"),
            ("a: {<<: 5}\n", "a.yaml:1: << can merge mappings only"),
            ("a: !!binary aGk=\n", "a.yaml:1: binary values (!!binary) are not read"),
        ]
    )
    func malformed(text: String, expected: String) {
        #expect(message(text).hasPrefix(expected), "\(message(text))")
    }

    @Test("bytes that are no UTF-8 are refused")
    func encoding() {
        let file = InputFiles.File(name: "a.yaml", bytes: [0x61, 0x3A, 0x20, 0xFF], isNamed: true)
        #expect(throws: InputError("a.yaml: is not UTF-8 text")) { try DocumentReader.read(file) }
    }

    @Test("the lines of a broken file are not quoted: they may hold a secret")
    func noQuotation() {
        #expect(!message("password: hunter2\nb: [\n").contains("hunter2"))
    }

    /// Nine levels of nine aliases each: 387,420,489 values from 500 bytes.
    private func laughs(levels: Int, each: Int) -> String {
        var text = "l0: &l0 [x, x, x]\n"
        for level in 1...levels {
            let aliases = Array(repeating: "*l\(level - 1)", count: each).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(aliases)]\n"
        }
        return text
    }

    @Test("aliases that stand for millions of values are refused, and soon", .timeLimit(.minutes(5)))
    func laughingAliases() {
        #expect(
            message(laughs(levels: 9, each: 9)).contains(
                "there are more than 500000 values, counting those behind aliases"
            )
        )
    }

    @Test(
        "more values than there may be are refused before a tree is made of them",
        arguments: ["a,", "[a],", "{a: b},", "\n- a", "\r"]
    )
    func manyValues(part: String) {
        let many = String(repeating: part, count: 500_001)
        let text = part.hasSuffix(",") ? "a: [\(many)x]\n" : many
        #expect(message(text).contains("has more than 500000 lines and values"))
        let few = String(repeating: part, count: 100)
        #expect(!message(part.hasSuffix(",") ? "a: [\(few)x]\n" : few).contains("lines and values"))
    }

    @Test(
        "aliases to multiplied collections are refused as keys before anything walks them",
        .timeLimit(.minutes(5)),
        arguments: [
            "*l9 : 1\n", "? *l9\n: 1\n", "a: {*l9}\n", "a: {[*l9, *l9]}\n", "a: [{*l9 : 1}]\n", "a: {{x: *l9}: 1}\n",
            "{*l9: 1}: 2\n", "a: {b: 1, *l9}\n", "? - *l9\n  - *l9\n",
            "a: [*l9:b]\n", "a: [*l9 :b]\n", "a: [x,*l9\t:b]\n", "a: [?*l9:b]\n", "a: {b: [*l9:{}]}\n",
        ]
    )
    func laughingKeys(line: String) {
        #expect(message(laughs(levels: 9, each: 9) + line).hasPrefix("a.yaml:11: a key must be text"))
    }

    @Test("an asterisk that begins no alias is left alone, whatever stands beside it")
    func asterisks() throws {
        let text =
            "a: &a 1\nb: *a\nurl: https://*.example:80/*x:y\ncron: \"*/5 * * * *\"\nglob: x*y:z\nscript: |\n  ls *x:y *a :b\n"
        let value = try #require(try read(text).first)
        #expect(value["url"] == "https://*.example:80/*x:y")
        #expect(value["glob"] == "x*y:z")
        #expect(value["script"] == "ls *x:y *a :b\n")
        #expect(value["b"] == 1)
    }

    @Test("many aliases to a few anchors are ordinary, flow mappings beside them too")
    func ordinaryAliases() throws {
        var text = "defaults: &defaults {cpu: 1}\nlabels: &labels {app: web}\nitems:\n"
        for index in 0..<500 { text += "- {<<: *defaults, name: n\(index), labels: *labels}\n" }
        #expect(try read(text).first?["items"]?.array?.count == 500)
    }

    @Test("deep nesting is refused, in flow and in block style, and in JSON", .timeLimit(.minutes(5)))
    func depth() {
        #expect(
            message("a: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)).contains(
                "nested deeper"
            )
        )
        #expect(message(String(repeating: "- ", count: 200_000) + "x\n").hasPrefix("a.yaml:1: "))
        #expect(message(String(repeating: "[", count: 400_000)).hasPrefix("a.yaml:1: "))
        #expect(message(String(repeating: "[", count: 200), name: "a.json").hasPrefix("a.json:1: is no valid JSON"))
    }

    @Test("JSON is read as JSON: by its name strictly, by its first character where it can be")
    func json() throws {
        #expect(try read("{\"a\": [1, \"no\"]}", name: "a.json") == [["a": [1, "no"]]])
        #expect(try read("  {\"a\": \"\\u00e9\\/\"}") == [["a": "é/"]])
        #expect(try read("{a: no}\n---\n{b: 1}\n") == [["a": false], ["b": 1]])
        #expect(message("{a: 1}", name: "a.json").hasPrefix("a.json:1: is no valid JSON"))
        #expect(message("{\n\"a\": 1,\n\"a\": 2}", name: "a.json").hasPrefix("a.json:3: is no valid JSON"))
    }

    @Test("files altered at random are read or refused, never more", arguments: 0..<300)
    func mutations(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let base =
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: &a x, image: *a}]}\n---\n- |\n  text\n- 'q'\n- <<: {}\n"
        var bytes = Array(base.utf8)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            default:
                bytes.insert(
                    contentsOf: Array("[{*&:-?|>!%\n \t\"'#,".utf8).shuffled(using: &random).prefix(3),
                    at: index
                )
            }
        }
        _ = try? DocumentReader.read(InputFiles.File(name: "a.yaml", bytes: bytes, isNamed: true))
    }
}
