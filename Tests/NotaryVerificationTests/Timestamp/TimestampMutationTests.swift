import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import TestTiming
import Testing
import TrustModel

@Suite("Mutated timestamps")
struct TimestampMutationTests {
    @Test("a mutated token never crashes, and carries a signature only if it means the very same")
    func tokens() throws {
        let seed = testSeed("mutated evidence", variable: "VIGIL_TEST_SEED")
        var generator = SeededGenerator(seed: seed)
        let scene = try TimestampScene()
        let original = try scene.token {
            $0.accuracy = TimestampInfoRecipe.accuracy(seconds: 1, millis: 5)
            $0.tail = DERWriter.integer(77)
        }.token()
        let good = try #require(try scene.judge(original).timestamp)
        func check(_ mutated: [UInt8], _ what: String) throws {
            let outcome = try scene.judge(mutated)
            guard outcome.verdict == .trusted else {
                #expect(outcome.timestamp == nil)
                return
            }
            // What nobody signed may differ: a certificate that is not needed, the order, the signer's outer name.
            #expect(outcome.timestamp == good, "seed \(seed): trusted after \(what)")
        }
        for _ in 0..<250 {
            let bit = Int.random(in: 0..<original.count * 8, using: &generator)
            var flipped = original
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            try check(flipped, "flipping bit \(bit)")
            let length = Int.random(in: 0..<original.count, using: &generator)
            #expect(
                try scene.judge(Array(original.prefix(length))).verdict != .trusted,
                "seed \(seed): trusted at length \(length)"
            )
            let start = Int.random(in: 0..<original.count, using: &generator)
            let end = Int.random(in: start...min(original.count, start + 64), using: &generator)
            try check(Array(original[..<start] + original[end...]), "removing \(start)..<\(end)")
            var noise = original
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                noise[Int.random(in: 0..<noise.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            try check(noise, "noise")
        }
    }

    @Test("whatever stands in place of a token, the signature is not carried by it")
    func rubbish() throws {
        let seed = testSeed("mutated evidence", variable: "VIGIL_TEST_SEED")
        var generator = SeededGenerator(seed: seed)
        let scene = try TimestampScene(.cose)
        for round in 0..<400 {
            let length = Int.random(in: 0..<512, using: &generator)
            var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if round % 2 == 0 { bytes = DERWriter.element(0x30, bytes) }
            let outcome = try scene.judge(bytes)
            #expect(outcome.reason == .timestampInvalid, "seed \(seed): \(outcome.message)")
        }
    }
}
