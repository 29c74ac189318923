import KubernetesClient
import TestTiming
import Testing

@Suite("Watch framing")
struct WatchDecoderTests {
    /// Three lines with everything that is easily cut wrong: four-byte characters, the line separators of Unicode raw
    /// and escaped, an empty line and a carriage return.
    private let corpus = Array(
        "{\"a\":\"\u{1F4E6}\u{2028}\u{85}é\"}\n\n{\"b\":\"\\u2028\\n\"}\r\n{\"c\":\"\u{2029}\"}\n".utf8
    )

    private let expected = [
        "{\"a\":\"\u{1F4E6}\u{2028}\u{85}é\"}", "{\"b\":\"\\u2028\\n\"}", "{\"c\":\"\u{2029}\"}",
    ]

    private func decode(_ chunks: [[UInt8]]) throws -> [String] {
        var decoder = WatchDecoder()
        var lines: [String] = []
        for chunk in chunks { lines += try decoder.decode(chunk).map { String(decoding: $0, as: UTF8.self) } }
        #expect(decoder.pendingBytes == 0)
        return lines
    }

    @Test("cut at every single position, the lines are the same")
    func everySplit() throws {
        for position in 0...corpus.count {
            #expect(try decode([Array(corpus[..<position]), Array(corpus[position...])]) == expected)
        }
    }

    @Test("one byte at a time, the lines are the same")
    func singleBytes() throws {
        #expect(try decode(corpus.map { [$0] }) == expected)
    }

    @Test("cut at random positions, the lines are the same")
    func randomSplits() throws {
        let seed = testSeed("watch framing")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            let count = Int.random(in: 0...12, using: &random)
            var cuts = (0..<count).map { _ in Int.random(in: 0...corpus.count, using: &random) }.sorted()
            cuts.append(corpus.count)
            var start = 0
            var chunks: [[UInt8]] = []
            for cut in cuts {
                chunks.append(Array(corpus[start..<cut]))
                start = cut
            }
            #expect(try decode(chunks) == expected, "cuts \(cuts), TEST_SEED=\(seed)")
        }
    }

    @Test("a line up to the limit passes, one byte more does not, in one piece or in many")
    func limit() throws {
        let line = [UInt8](repeating: 0x78, count: 100)
        var exact = WatchDecoder(maximumLineBytes: 100)
        #expect(try exact.decode(line + [0x0A]).count == 1)
        var whole = WatchDecoder(maximumLineBytes: 99)
        #expect(throws: WatchDecoder.LineTooLong.self) { _ = try whole.decode(line + [0x0A]) }
        var pieces = WatchDecoder(maximumLineBytes: 99)
        #expect(throws: WatchDecoder.LineTooLong.self) {
            for byte in line { _ = try pieces.decode([byte]) }
        }
        #expect(pieces.pendingBytes == 99)
    }

    @Test("what follows the last line end is not a line")
    func incomplete() throws {
        var decoder = WatchDecoder()
        #expect(try decoder.decode(Array("{\"a\":1}".utf8)).isEmpty)
        #expect(decoder.pendingBytes == 7)
    }
}
