import JSONModel
import TestDocuments
import TestTiming
import Testing
import TrustResources

struct YAMLWriterTests {
    @Test("keys come in a steady order, the well-known ones first, in block style")
    func order() {
        let value: JSONValue = [
            "z": 1, "spec": ["b": [], "a": [:]], "kind": "K", "apiVersion": "v1", "metadata": ["name": "web"],
            "list": [["y": 1, "x": [1, "two"]], ["nested"], .null],
        ]
        #expect(
            YAMLWriter().text(value) == """
                apiVersion: v1
                kind: K
                metadata:
                  name: web
                spec:
                  a: {}
                  b: []
                list:
                - x:
                  - 1
                  - two
                  "y": 1
                - - nested
                - null
                z: 1

                """
        )
    }

    @Test(
        "texts that could be taken for something else are quoted",
        arguments: [
            "", "null", "~", "true", "no", "Yes", "on", "1", "1.5", "0x10", "1e3", "-", "- a", "a: b", "a #b", "#a",
            "*", "&a", "!a",
            "%a", "@a", "`a", "'a'", "\"a\"", "{a}", "[a]", "a:", " a", "a ", "a\nb", "a\n", "\ta", "\u{7F}", "\u{85}",
            "\u{2028}",
            "a\u{FEFF}", "ünï", "2027-01-01T00:00:00Z", "=", "<<", "?", "? a", "|", ">", "a\\b", "\u{1F600}", "---",
            "...", ".nan", ".inf",
            ".spec.image", "a,b", "key: |", "\n", "a\n\n", "\na", " a\n b", "a \nb",
        ]
    )
    func quoting(_ text: String) throws {
        let value: JSONValue = ["text": .string(text), "list": [.string(text)], "keys": .object([text: 1])]
        #expect(try YAMLText.documents(YAMLWriter().text(value)) == [value])
    }

    @Test("long texts are folded and read back unchanged")
    func folding() throws {
        let text = Array(repeating: "many words, of which some: look like #keys", count: 12).joined(separator: " ")
        let value: JSONValue = ["description": .string(text), "items": [.string(text), ["a": .string(text)]]]
        let yaml = YAMLWriter().text(value)
        #expect(yaml.contains(">-"))
        #expect(yaml.split(separator: "\n").allSatisfy { $0.count <= 112 })
        #expect(try YAMLText.documents(yaml) == [value])
    }

    @Test("random values read back unchanged", arguments: 0..<60)
    func roundTrip(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let value = JSONValue.object(["root": Self.value(depth: 0, &random)])
        let yaml = YAMLWriter().text(documents: [value, value])
        #expect(try YAMLText.documents(yaml) == [value, value], "seed \(seed)")
    }

    private static let fragments = [
        "a", "Z", " ", "  ", ":", ": ", "#", " #", "-", "- ", "\n", "\"", "'", "\\", "0", ".", "{", "]", "é", "\u{0}",
        "\t", "word", "|", ">", "%", "!",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 0..<(Bool.random(using: &random) ? 6 : 60), using: &random)
        return (0..<count).map { _ in fragments[Int.random(in: 0..<fragments.count, using: &random)] }.joined()
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 9), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: Int64.min...Int64.max, using: &random))
        case 3, 4: return .string(text(&random))
        case 5, 6:
            return .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth + 1, &random) })
        default:
            let pairs = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                (text(&random), value(depth: depth + 1, &random))
            }
            return .object(Dictionary(pairs) { first, _ in first })
        }
    }
}
