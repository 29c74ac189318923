import Testing

@testable import FuzzGuidance

@Suite("Comparisons of single bytes guide the fuzzer")
struct ByteComparisonsTests {
    private func changed(_ table: ByteComparisons.Table, _ input: [UInt8], seed: UInt32) -> [UInt8]? {
        var bytes = input
        let isChanged = bytes.withUnsafeMutableBufferPointer { table.satisfy($0, seed: seed) }
        return isChanged ? bytes : nil
    }

    @Test("the constant goes where the byte stands that was compared with it, wherever the search begins")
    func satisfies() {
        var table = ByteComparisons.Table()
        table.record(0x7A, 3)
        for seed: UInt32 in [0, 1, 1 << 8, 2 << 8, 3 << 8, .max] {
            #expect(changed(table, [1, 2, 3, 4], seed: seed) == [1, 2, 0x7A, 4])
        }
        let both = Set((0..<4).compactMap { changed(table, [3, 0, 3, 0], seed: $0 << 8) })
        #expect(both == [[0x7A, 0, 3, 0], [3, 0, 0x7A, 0]])
    }

    @Test("nothing is changed without a comparison, without such a byte, and of an empty input")
    func nothing() {
        var table = ByteComparisons.Table()
        #expect(changed(table, [1], seed: 0) == nil)
        table.record(9, 9)
        #expect(changed(table, [9], seed: 0) == nil)
        table.record(0x7A, 3)
        #expect(changed(table, [1, 2], seed: 7) == nil)
        #expect(changed(table, [], seed: 7) == nil)
    }

    @Test("each constant counts once, with what was seen last, and no more with the next input")
    func forgets() {
        var table = ByteComparisons.Table()
        for value: UInt8 in 0..<200 { table.record(0x7A, value) }
        table.record(0x7B, 5)
        let outcomes = Set((0..<16).compactMap { changed(table, [199, 5], seed: $0) })
        #expect(outcomes == [[0x7A, 5], [199, 0x7B]])
        table.forget()
        #expect(changed(table, [199, 5], seed: 0) == nil)
    }
}
