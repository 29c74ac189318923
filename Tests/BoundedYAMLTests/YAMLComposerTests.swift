import BoundedYAML
import Testing
import Yams

@Suite("YAML within bounds")
struct YAMLComposerTests {
    private func roots(_ text: String, values: Int = 100, documents: Int = 3) throws(YAMLProblem) -> [Node] {
        var roots: [Node] = []
        try YAMLComposer(maximumValues: values, maximumDocuments: documents).compose(text) { roots.append($0) }
        return roots
    }

    private func problem(_ text: String, values: Int = 100, documents: Int = 3) -> YAMLProblem? {
        do throws(YAMLProblem) {
            _ = try roots(text, values: values, documents: documents)
            return nil
        } catch {
            return error
        }
    }

    @Test("documents are handed over in order, scalars as they were written, aliases followed")
    func documents() throws {
        let found = try roots("a: no\n---\nb: &x 0x10\nc: *x\n")
        #expect(found.count == 2)
        #expect(found.first?["a"]?.scalar?.string == "no")
        #expect(found.last?["c"]?.scalar?.string == "0x10")
    }

    @Test("what the visitor throws ends it")
    func visitor() {
        let composer = YAMLComposer(maximumValues: 10, maximumDocuments: 10)
        var count = 0
        #expect(throws: YAMLProblem("enough", line: 1, column: 1)) {
            try composer.compose("a\n---\nb\n") { node throws(YAMLProblem) in
                count += 1
                throw YAMLProblem("enough", at: node)
            }
        }
        #expect(count == 1)
    }

    @Test("one document or one value more than allowed is refused")
    func bounds() {
        #expect(problem("a\n---\nb\n---\nc\n") == nil)
        #expect(problem("a\n---\nb\n---\nc\n---\nd\n")?.message == "there are more than 3 documents")
        #expect(problem("[a, b, c]", values: 3) == nil)
        #expect(problem("[a, b, c]", values: 2) == YAMLProblem("has more than 2 lines and values"))
    }

    @Test(
        "a key that is an alias or no text is refused before anything walks it",
        .timeLimit(.minutes(5)),
        arguments: ["*l9 : 1\n", "? *l9\n: 1\n", "a: {[*l9, *l9]}\n", "a: {b: 1, *l9}\n"]
    )
    func laughingKeys(line: String) {
        var text = "l0: &l0 [x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(aliases)]\n"
        }
        let found = problem(text + line)
        #expect(found?.line == 11)
        #expect(found?.message.hasPrefix("a key must be text") == true)
    }

    @Test("a problem says where, in words of its own")
    func places() {
        #expect(problem("a: 1\nb: [hunter2, 2\n")?.line == 3)
        #expect(problem("a: 1\nb: [hunter2, 2\n")?.message.contains("hunter2") == false)
        #expect(
            problem("x:\n  a: 1\n  a: 2\n")?.message == "the key \"a\" is written more than once; remove all but one"
        )
    }

    @Test("an alias that is a key twice is told as it was written")
    func aliasTwice() {
        let found = problem("a: &a x\nb: {*a : 1, *a : 2}\n")
        #expect(found?.message == "the key \"*a\" is written more than once; remove all but one")
    }
}
