import OCIModel
import SigningTestDescriptors
import SigningTestKit
import Testing

@testable import SigningFormats

@Suite("Chains that are known")
struct ChainMemoryTests {
    private static func envelope(
        _ chain: TestChain,
        about content: String = "manifest"
    ) throws -> UnverifiedEnvelope {
        let subject = Descriptor(of: Array(content.utf8), mediaType: .ociManifest)
        return try UnverifiedEnvelope(jws: try JWSRecipe(SigningRequest(subject), chain: chain).envelope())
    }

    /// A chain of its own for each number.
    private static func chain(_ number: Int) throws -> TestChain {
        let root = try CertificateRecipe.authority("Root \(number)").issue(.shared(.p256, 1))
        return TestChain([try CertificateRecipe.leaf().issue(.shared(.p256, 2), by: root), root])
    }

    @Test("the second envelope of a signer gets the chain that the first left, and its own content")
    func second() throws {
        let memory = ChainMemory()
        let chain = try TestChain.make()
        let first = try Self.envelope(chain).verified(knowing: memory)
        #expect(memory.count == 1)
        let other = try Self.envelope(chain, about: "another manifest")
        let second = try other.verified(knowing: memory)
        #expect(memory.count == 1)
        #expect(second.chain == first.chain && second.contents == other.claims && second.contents != first.contents)
        #expect(try second.chain == other.verified().chain)
    }

    @Test("what a known signer did not sign is refused")
    func altered() throws {
        let memory = ChainMemory()
        let chain = try TestChain.make()
        _ = try Self.envelope(chain).verified(knowing: memory)
        var recipe = JWSRecipe(EnvelopeScene.request(), chain: chain)
        recipe.alterSignature = { signature in signature.map { $0 ^ 1 } }
        let forged = try UnverifiedEnvelope(jws: try recipe.envelope())
        #expect(throws: SigningFormatError.self) { try forged.verified(knowing: memory) }
        let refusal = #expect(throws: SigningFormatError.self) { try forged.verified() }
        #expect(refusal?.code == .signature)
    }

    @Test("a chain that fails is not kept")
    func failing() throws {
        let memory = ChainMemory()
        let stranger = try CertificateRecipe.authority("Stranger").issue(.shared(.p256, 4))
        var certificates = try TestChain.make().certificates
        certificates[certificates.count - 1] = stranger
        let envelope = try Self.envelope(TestChain(certificates))
        for _ in 0..<2 {
            let refusal = #expect(throws: SigningFormatError.self) { try envelope.verified(knowing: memory) }
            #expect(refusal?.code == .chain)
        }
        #expect(memory.count == 0)
    }

    @Test("a chain that lacks a certificate, or has one more, is another chain")
    func others() throws {
        let memory = ChainMemory()
        let chain = try TestChain.make()
        let known = try Self.envelope(chain).verified(knowing: memory).chain
        let certificates = known.certificates.map(\.der)
        #expect(memory.chain(certificates) == known)
        #expect(memory.chain(Array(certificates.dropLast())) == nil)
        #expect(memory.chain(certificates + [certificates[0]]) == nil)
        #expect(memory.chain(certificates.reversed()) == nil)
        #expect(memory.chain([]) == nil)
        // The same bytes, cut elsewhere.
        #expect(memory.chain([Array(certificates.joined())]) == nil)
    }

    @Test("what is in use stays, however many others come; what is not is forgotten")
    func forgetting() throws {
        let memory = ChainMemory()
        let chains = try (0..<3 * ChainMemory.capacity / 2).map { number in
            try Self.envelope(Self.chain(number)).verified().chain
        }
        let certificates = chains.map { $0.certificates.map(\.der) }
        for chain in chains {
            memory.keep(chain)
            #expect(memory.chain(certificates[0]) == chains[0])
            #expect(memory.count <= ChainMemory.capacity)
        }
        #expect(memory.chain(certificates[1]) == nil)
        #expect(memory.chain(certificates[chains.count - 1]) == chains.last)
    }

    @Test("a chain that is longer than any honest one is not kept")
    func long() throws {
        let memory = ChainMemory()
        let padding = String(repeating: "x", count: 3000)
        var issuer = try CertificateRecipe.authority("Root").issue(.shared(.p256, 1))
        var certificates = [issuer]
        for number in 1...6 {
            issuer = try CertificateRecipe.authority("\(number) \(padding)").issue(.shared(.p256, 1), by: issuer)
            certificates.insert(issuer, at: 0)
        }
        certificates.insert(try CertificateRecipe.leaf().issue(.shared(.p256, 2), by: issuer), at: 0)
        let verified = try Self.envelope(TestChain(certificates)).verified(knowing: memory)
        #expect(verified.chain.certificates.reduce(0) { $0 + $1.der.count } > ChainMemory.chainBytes)
        #expect(memory.count == 0)
    }
}
