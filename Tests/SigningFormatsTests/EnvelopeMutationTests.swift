import FoundationEssentials
import OCIModel
import SigningFormats
import SigningTestDescriptors
import SigningTestKit
import TestTiming
import Testing

/// The seed of this run: `VIGIL_TEST_SEED`, or one that was drawn and is printed.
func seed() -> UInt64 { testSeed("signing formats", variable: "VIGIL_TEST_SEED") }

@Suite("Mutated envelopes")
struct EnvelopeMutationTests {
    /// Verifies, and returns what a verifier would go by.
    private func verified(_ bytes: [UInt8], _ format: TestSignature.Format) -> NotaryEnvelope? {
        let envelope = try? format == .jws ? UnverifiedEnvelope(jws: bytes) : UnverifiedEnvelope(cose: bytes)
        return (try? envelope?.verified())?.contents
    }

    /// Whether nothing that is signed or proven differs.
    ///
    /// The unsigned agent and timestamp may.
    private func isSame(_ left: NotaryEnvelope, _ right: NotaryEnvelope) -> Bool {
        left.payload == right.payload && left.signature == right.signature && left.signingInput == right.signingInput
            && left.certificates == right.certificates && left.algorithm == right.algorithm
            && left.scheme == right.scheme
            && left.signingTime == right.signingTime && left.expiry == right.expiry
            && left.extendedAttributes == right.extendedAttributes
            && left.verificationPlugin == right.verificationPlugin
    }

    private func check(_ bytes: [UInt8], _ original: NotaryEnvelope, _ format: TestSignature.Format, _ what: String) {
        guard let contents = verified(bytes, format) else { return }
        #expect(isSame(contents, original), "\(format) accepted with other contents: \(what)")
    }

    private func original(_ format: TestSignature.Format) throws -> (bytes: [UInt8], contents: NotaryEnvelope) {
        var request = EnvelopeScene.request()
        request.expiry = Date(timeIntervalSince1970: 1_800_000_000)
        let signature = try TestSignature.sign(
            EnvelopeScene.subject,
            chain: TestChain.make(),
            format: format,
            request: request
        )
        return (signature.envelope, try #require(verified(signature.envelope, format)))
    }

    @Test("No truncation is accepted", arguments: TestSignature.Format.allCases)
    func truncated(format: TestSignature.Format) throws {
        let (bytes, _) = try original(format)
        for length in 0..<bytes.count {
            #expect(verified(Array(bytes.prefix(length)), format) == nil, "accepted at length \(length)")
        }
    }

    @Test("No flipped bit changes what is accepted", arguments: TestSignature.Format.allCases)
    func flipped(format: TestSignature.Format) throws {
        var generator = SeededGenerator(seed: seed())
        let (bytes, contents) = try original(format)
        var bit = Int.random(in: 0..<48, using: &generator)
        while bit < bytes.count * 8 {
            var mutated = bytes
            mutated[bit / 8] ^= 1 << UInt8(bit % 8)
            check(mutated, contents, format, "bit \(bit)")
            bit += Int.random(in: 1...48, using: &generator)
        }
    }

    @Test(
        "No deleted, doubled, moved or foreign piece changes what is accepted",
        arguments: TestSignature.Format.allCases
    )
    func rearranged(format: TestSignature.Format) throws {
        var generator = SeededGenerator(seed: seed())
        let (bytes, contents) = try original(format)
        for round in 0..<600 {
            let start = Int.random(in: 0..<bytes.count, using: &generator)
            let end = min(bytes.count, start + Int.random(in: 1...64, using: &generator))
            let target = Int.random(in: 0...bytes.count, using: &generator)
            var mutated = bytes
            switch round % 5 {
            case 0: mutated.removeSubrange(start..<end)
            case 1: mutated.insert(contentsOf: bytes[start..<end], at: target)
            case 2:
                mutated.insert(
                    contentsOf: (0..<(end - start)).map { _ in UInt8.random(in: 0...255, using: &generator) },
                    at: target
                )
            case 3: mutated.replaceSubrange(start..<end, with: repeatElement(0xFF, count: end - start))
            default: mutated.replaceSubrange(start..<end, with: bytes[start..<end].reversed())
            }
            guard mutated != bytes else { continue }
            check(mutated, contents, format, "round \(round): \(start)..<\(end) → \(target)")
        }
    }

    @Test(
        "Envelopes twice, nested in themselves or endlessly deep are refused",
        arguments: TestSignature.Format.allCases
    )
    func nested(format: TestSignature.Format) throws {
        let (bytes, _) = try original(format)
        #expect(verified(bytes + bytes, format) == nil)
        #expect(verified([0x5B] + bytes, format) == nil)
        #expect(verified([0xD2, 0x84] + [UInt8](repeating: 0x84, count: 500_000), format) == nil)
        #expect(verified([0xD2, 0x84] + [UInt8](repeating: 0xA1, count: 500_000), format) == nil)
        #expect(verified(Array(String(repeating: "[", count: 500_000).utf8), format) == nil)
        #expect(verified(Array(String(repeating: #"{"payload":"#, count: 50_000).utf8), format) == nil)
        var recipe = JWSRecipe(SigningRequest(payload: bytes), chain: try TestChain.make())
        recipe.extraMembers = []
        #expect(EnvelopeScene.refusal(jws: try recipe.envelope())?.code == .malformed)
    }

    @Test("Pure noise is refused", arguments: TestSignature.Format.allCases)
    func noise(format: TestSignature.Format) {
        var generator = SeededGenerator(seed: seed())
        for _ in 0..<2000 {
            let count = Int.random(in: 0...300, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if format == .cose { bytes = [0xD2, 0x84] + bytes }
            #expect(verified(bytes, format) == nil)
        }
    }
}
