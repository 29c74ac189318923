import OCIModel
import SigningFormats
import SigningTestDescriptors
import SigningTestKit
import Testing

/// What the tests of envelopes sign.
enum EnvelopeScene {
    static let subject = Descriptor(of: Array("manifest".utf8), mediaType: .ociManifest)

    static func request() -> SigningRequest { SigningRequest(subject) }

    /// Chains that any test has left behind.
    private static let chains = ChainMemory()

    /// The code with which an envelope is refused; `nil` when it is accepted.
    static func refusal(jws bytes: [UInt8]) -> SigningFormatError? {
        refusal { () throws(SigningFormatError) in try UnverifiedEnvelope(jws: bytes) }
    }

    /// The code with which an envelope is refused; `nil` when it is accepted.
    static func refusal(cose bytes: [UInt8]) -> SigningFormatError? {
        refusal { () throws(SigningFormatError) in try UnverifiedEnvelope(cose: bytes) }
    }

    /// The same, whatever chains are known.
    private static func refusal(
        _ read: () throws(SigningFormatError) -> UnverifiedEnvelope
    ) -> SigningFormatError? {
        func outcome(_ memory: ChainMemory?) -> SigningFormatError? {
            do throws(SigningFormatError) {
                _ = try NotaryPayload(try read().verified(knowing: memory))
                return nil
            } catch {
                return error
            }
        }
        let plain = outcome(nil)
        for _ in 0..<2 { #expect(outcome(chains) == plain, "a known chain changes the outcome") }
        return plain
    }

    /// The code with which a chain is refused; `nil` when it is accepted.
    static func refusal(chain: [[UInt8]]) -> SigningFormatError? {
        do throws(SigningFormatError) {
            var certificates: [X509Certificate] = []
            for der in chain { certificates.append(try X509Certificate(der: der)) }
            _ = try CertificateChain(codeSigning: certificates)
            return nil
        } catch {
            return error
        }
    }
}
