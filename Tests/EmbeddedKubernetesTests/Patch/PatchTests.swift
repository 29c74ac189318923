import JSONModel
import Testing

@testable import EmbeddedKubernetes

@Suite("Patches")
struct PatchTests {
    @Test("Merge patch: RFC 7386's rules")
    func merge() {
        let target: JSONValue = ["a": ["b": 1, "c": 2], "list": [1, 2], "x": "y"]
        #expect(
            MergePatch.apply(["a": ["b": .null, "d": 3], "list": [3]], to: target) == [
                "a": ["c": 2, "d": 3], "list": [3], "x": "y",
            ]
        )
        #expect(MergePatch.apply(["n": ["m": .null, "k": 1]], to: [:]) == ["n": ["k": 1]])
        #expect(MergePatch.apply("scalar", to: target) == "scalar")
    }

    private func patched(_ document: JSONValue, _ patch: JSONValue) throws -> JSONValue {
        try JSONPatch(patch).apply(to: document)
    }

    @Test("JSON patch: RFC 6902's operations")
    func json() throws {
        let target: JSONValue = ["a": [1, 2], "b": ["c": "d"], "e/f": 1]
        #expect(try patched(target, [["op": "add", "path": "/a/-", "value": 3]])["a"] == [1, 2, 3])
        #expect(try patched(target, [["op": "add", "path": "/a/0", "value": 0]])["a"] == [0, 1, 2])
        #expect(try patched(target, [["op": "remove", "path": "/a/0"]])["a"] == [2])
        #expect(try patched(target, [["op": "replace", "path": "/e~1f", "value": 2]])["e/f"] == 2)
        #expect(
            try patched(target, [["op": "move", "from": "/b/c", "path": "/g"]]) == [
                "a": [1, 2], "b": [:], "e/f": 1, "g": "d",
            ]
        )
        #expect(try patched(target, [["op": "copy", "from": "/a", "path": "/b/a"]]).value(at: "b", "a") == [1, 2])
        #expect(try patched(target, [["op": "test", "path": "/b/c", "value": "d"]]) == target)
    }

    @Test(
        "The liberties of the server's library: members made by replace and copy, indices from the end, loose pointers"
    )
    func liberties() throws {
        let target: JSONValue = ["a": [1, 2], "b": ["c": "d"]]
        #expect(try patched(target, [["op": "replace", "path": "/b/e", "value": 1]]).value(at: "b", "e") == 1)
        #expect(try patched(target, [["op": "copy", "from": "/b/nope", "path": "/b/e"]]).value(at: "b", "e") == .null)
        #expect(try patched(target, [["op": "remove", "path": "/a/-1"]])["a"] == [1])
        #expect(try patched(target, [["op": "add", "path": "b/e", "value": 1]])["e"] == 1)
        #expect(try patched(target, .null) == target)
        let many = JSONValue.array(
            Array(repeating: ["op": "test", "path": "/a"], count: JSONPatch.maximumOperations + 1)
        )
        #expect(throws: JSONPatch.Problem.tooMany(JSONPatch.maximumOperations + 1)) { try patched(target, many) }
    }

    struct Hopeless: Sendable {
        var patch: JSONValue
        var isMalformed: Bool

        static let all: [Hopeless] = [
            .init(patch: [["op": "test", "path": "/b/c", "value": "x"]], isMalformed: false),
            .init(patch: [["op": "remove", "path": "/nope"]], isMalformed: false),
            .init(patch: [["op": "replace", "path": "/nope/deeper", "value": 1]], isMalformed: false),
            .init(patch: [["op": "replace", "path": "", "value": .null]], isMalformed: false),
            .init(patch: [["op": "add", "path": "/a/9", "value": 1]], isMalformed: false),
            .init(patch: [["op": "add", "path": "/a/x/y", "value": 1]], isMalformed: false),
            .init(patch: [["op": "move", "from": "/b", "path": "/b/c"]], isMalformed: false),
            .init(patch: [["op": "remove", "path": ""]], isMalformed: false),
            .init(patch: [["op": "frob", "path": "/a"]], isMalformed: false),
            .init(patch: [["op": "move", "path": "/a"]], isMalformed: false),
            .init(patch: [["op": "add", "path": "a"]], isMalformed: false),
            .init(patch: ["op": "add"], isMalformed: true),
            .init(patch: [1], isMalformed: true),
            .init(patch: [["op": 5, "path": "/a"]], isMalformed: true),
        ]
    }

    @Test("What cannot be applied is told apart from what is no patch", arguments: Hopeless.all)
    func hopeless(_ case: Hopeless) {
        let target: JSONValue = ["a": [1, 2], "b": ["c": "d"]]
        do {
            _ = try patched(target, `case`.patch)
            Issue.record("applied")
        } catch JSONPatch.Problem.malformed {
            #expect(`case`.isMalformed)
        } catch {
            #expect(!`case`.isMalformed)
        }
    }

    @Test("Strategic merge: lists merge by key, directives delete, replace and order")
    func strategic() {
        let pod: JSONValue = [
            "spec": [
                "containers": [["name": "a", "image": "1"], ["name": "b", "image": "1"]], "tolerations": [["key": "x"]],
            ],
            "metadata": ["finalizers": ["f"]],
        ]
        func containers(_ patch: JSONValue) -> JSONValue? {
            StrategicMergePatch.apply(["spec": ["containers": patch]], to: pod).value(at: "spec", "containers")
        }
        #expect(
            containers([["name": "b", "image": "2"]]) == [["name": "a", "image": "1"], ["name": "b", "image": "2"]]
        )
        #expect(containers([["name": "c", "image": "3"]])?.array?.count == 3)
        #expect(containers([["name": "a", "$patch": "delete"]]) == [["name": "b", "image": "1"]])
        #expect(containers([["$patch": "replace"], ["name": "z"]]) == [["name": "z"]])
        let merged = StrategicMergePatch.apply(
            [
                "spec": [
                    "$setElementOrder/containers": [["name": "b"], ["name": "a"]], "tolerations": [["key": "y"]],
                ],
                "metadata": ["finalizers": ["g"]],
            ],
            to: pod
        )
        #expect(merged.value(at: "spec", "containers")?.array?.compactMap { $0["name"] } == ["b", "a"])
        #expect(merged.value(at: "spec", "tolerations") == [["key": "y"]])
        #expect(merged.value(at: "metadata", "finalizers") == ["f", "g"])
        #expect(
            StrategicMergePatch.apply(["metadata": ["$deleteFromPrimitiveList/finalizers": ["f"]]], to: pod).value(
                at: "metadata",
                "finalizers"
            ) == []
        )
    }
}
