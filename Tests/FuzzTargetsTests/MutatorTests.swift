import Testing

@testable import FuzzTargets

@Suite("Mutated inputs")
struct MutatorTests {
    private let corpus: [[UInt8]] = [Array("{\"a\":[1,2]}".utf8), [], Array(repeating: 7, count: 100)]

    @Test("the corpus comes first, and a seed always gives the same inputs")
    func deterministic() {
        let first = Array(Mutator(corpus: corpus, maximumLength: 200, seed: 5).prefix(500))
        #expect(Array(first.prefix(3)) == corpus)
        #expect(first == Array(Mutator(corpus: corpus, maximumLength: 200, seed: 5).prefix(500)))
        #expect(first != Array(Mutator(corpus: corpus, maximumLength: 200, seed: 6).prefix(500)))
        #expect(Set(first).count > 300)
    }

    @Test("no input is longer than the decoder wants", arguments: [0, 1, 64])
    func length(maximum: Int) {
        for input in Mutator(corpus: corpus, maximumLength: maximum, seed: 1).prefix(500) {
            #expect(input.count <= maximum)
        }
    }

    @Test("an empty corpus is enough to begin with")
    func nothing() {
        #expect(Mutator(corpus: [], maximumLength: 50, seed: 2).prefix(500).contains { $0.count > 10 })
    }
}
