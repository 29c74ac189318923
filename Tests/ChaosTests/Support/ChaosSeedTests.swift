import Testing

@Suite("Seeds of the chaos suite")
struct ChaosSeedTests {
    @Test("A run has its fixed seed and one of its own, or the one that is given")
    func seeds() {
        #expect((1...2).contains(Chaos.seeds.count))
    }
}
