import JSONModel
import Testing

@testable import EmbeddedKubernetes

@Suite("CEL expressions")
struct CELTests {
    private static let object: JSONValue = [
        "name": "web", "size": 3, "ratio": .number(0.5), "on": true, "tags": ["a", "b"], "nested": ["x": 1],
        "items": [["type": "Ready", "status": "True"], ["type": "Fresh", "status": "False"]], "empty": [],
    ]

    private func value(_ text: String, old: JSONValue? = nil) throws -> CELValue {
        var variables = ["self": CELValue(Self.object, schema: nil)]
        if let old { variables["oldSelf"] = CELValue(old, schema: nil) }
        var evaluator = CELEvaluator(variables: variables)
        return try evaluator.evaluate(try CELExpression(text).syntax)
    }

    @Test(
        "Expressions that hold",
        arguments: [
            "self.name == 'web'", "self.size + 1 == 4 && self.size * 2 > 5", "self.size - 5 == -2",
            "7 / 2 == 3 && 7 % 2 == 1",
            "has(self.nested.x) && !has(self.nested.y)", "size(self.tags) == 2 && self.tags.size() == 2",
            "self.tags[0] == 'a' && self.nested['x'] == 1", "'b' in self.tags && !('c' in self.tags)",
            "'x' in self.nested",
            "self.tags.all(t, t.size() == 1)", "self.tags.exists(t, t == 'b')", "self.tags.exists_one(t, t == 'b')",
            "self.items.filter(i, i.status == 'True').size() == 1", "self.tags.map(t, t + 'x') == ['ax', 'bx']",
            "self.items.map(i, i.status == 'True', i.type) == ['Ready']",
            "self.name.matches('^w.b$') && self.name.startsWith('w')",
            "self.name.endsWith('b') && self.name.contains('e')",
            "self.on ? self.size == 3 : false", "duration('1m') > duration('59s')",
            "timestamp('2026-01-01T00:00:00Z') + duration('24h') == timestamp('2026-01-02T00:00:00Z')",
            "self.ratio < 1.0 && self.size >= 3.0", "self.empty.all(e, false)", "!self.empty.exists(e, true)",
            "self.nested.all(k, k == 'x')", "\"a\\n\".size() == 2", "r'\\d'.size() == 2", "'a' + 'b' == 'ab'",
            "[1, 2] + [3] == [1, 2, 3]", "{'a': 1}['a'] == 1", "'A'.lowerAscii() == 'a'",
            "'a,b'.split(',') == ['a', 'b']", "'abc'.substring(1, 2) == 'b'", "string(3) == '3' && int('4') == 4",
            "!has(self.missing) || self.missing == 1", "true || self.missing == 1", "self.missing == 1 || true",
            "false && self.missing == 1 ? false : true", "0x10 == 16", "1e3 == 1000.0",
        ]
    )
    func holds(_ text: String) throws { #expect(try value(text) == .bool(true)) }

    @Test("oldSelf is the object before the change")
    func oldSelf() throws {
        #expect(try value("self.size >= oldSelf.size", old: ["size": 2]) == .bool(true))
        #expect(try value("self.size >= oldSelf.size", old: ["size": 4]) == .bool(false))
        #expect(try CELExpression("self == oldSelf").uses("oldSelf"))
        #expect(try !CELExpression("self.items.all(oldSelf2, true)").uses("oldSelf"))
    }

    @Test(
        "What cannot be computed is an error, never a trap",
        arguments: [
            "self.missing", "self.tags[5]", "self.tags[-1]", "self.size / 0", "self.size % 0",
            "9223372036854775807 + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2", "self.name + 1",
            "self.name < 1", "!self.name", "self.name.matches('(')", "int('x')", "duration('x')", "timestamp('x')",
            "self.size.all(x, true)", "'abc'.substring(2, 1)", "'abc'.substring(9)", "self.nested[0]", "size(1)",
        ]
    )
    func fails(_ text: String) throws { #expect(throws: CELError.self) { try value(text) } }

    @Test(
        "What lies outside the subset is refused",
        arguments: [
            "self.name.unknown()", "foo(self)", "self.tags[?0]", "3u == 3u", "self.", "self..a", "(self", "self)",
            "'open",
            "self.name = 'a'", "a ? b", "{1 2}", "has(self)", "self.tags.all(1, true)", "self.tags.sortBy(t, t)", "",
            "self @ 1",
            "quantity('1')", "'\\q'",
        ]
    )
    func refused(_ text: String) { #expect(throws: CELError.self) { try CELExpression(text) } }

    @Test("Hostile nesting and length are refused, not crashed on")
    func hostile() {
        #expect(throws: CELError.self) { try CELExpression(String(repeating: "(", count: 10_000)) }
        #expect(throws: CELError.self) { try CELExpression(String(repeating: "!", count: 10_000) + "true") }
        #expect(throws: CELError.self) { try CELExpression(String(repeating: "1+", count: 20_000) + "1") }
        #expect(throws: CELError.self) { try CELExpression(String(repeating: "[", count: 5_000)) }
    }

    @Test("Evaluation stops at its budget")
    func budget() throws {
        let list = "[" + Array(repeating: "1", count: 120).joined(separator: ",") + "]"
        let text = "\(list).all(a, \(list).all(b, \(list).all(c, a + b + c > 0)))"
        #expect(throws: CELError.self) { try value(text) }
    }

    private func schema(_ properties: JSONValue) throws -> StructuralSchema {
        let compiled = SchemaCompiler.compile(
            ["type": "object", "properties": ["spec": ["type": "object", "properties": properties]]],
            path: ""
        )
        return try #require(compiled.schema?.properties["spec"])
    }

    @Test("Fields that the schema does not have, and comparisons that cannot hold, are refused when a rule is made")
    func types() throws {
        let schema = try schema([
            "size": ["type": "integer"], "name": ["type": "string"], "when": ["type": "string", "format": "date-time"],
            "for": ["type": "string", "format": "duration"], "tags": ["type": "array", "items": ["type": "string"]],
            "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
            "labels": ["type": "object", "additionalProperties": ["type": "string"]],
        ])
        for good in [
            "self.size > 1", "self.tags.all(t, t.size() > 1)", "self.free.anything == 1", "self.labels['a'] == 'b'",
            "self.__for__ > duration('1s')", "self.when > timestamp('2026-01-01T00:00:00Z')",
            "self.labels.all(k, k != '')",
            "self == oldSelf",
        ] {
            #expect(throws: Never.self) { try CELExpression(good).check(against: schema, isRoot: false) }
        }
        for bad in [
            "self.colour == 'a'", "self.size == 'a'", "self.tags.all(t, t > 1)", "self.name + 1 == 'a'", "self.name",
            "self.name.size", "self.tags.foo", "other == 1", "self.size.matches('a')", "self.when > 'a'",
        ] {
            #expect(throws: CELError.self) { try CELExpression(bad).check(against: schema, isRoot: false) }
        }
    }
}
