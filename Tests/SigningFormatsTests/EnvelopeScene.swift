import OCIModel
import SigningFormats
import SigningTestKit

/// What the tests of envelopes sign.
enum EnvelopeScene {
    static let subject = Descriptor(of: Array("manifest".utf8), mediaType: .ociManifest)

    static func request() -> SigningRequest { SigningRequest(subject) }

    /// The code with which an envelope is refused; `nil` when it is accepted.
    static func refusal(jws bytes: [UInt8]) -> SigningFormatError? {
        do throws(SigningFormatError) {
            _ = try NotaryPayload(try UnverifiedEnvelope(jws: bytes).verified())
            return nil
        } catch {
            return error
        }
    }

    /// The code with which an envelope is refused; `nil` when it is accepted.
    static func refusal(cose bytes: [UInt8]) -> SigningFormatError? {
        do throws(SigningFormatError) {
            _ = try NotaryPayload(try UnverifiedEnvelope(cose: bytes).verified())
            return nil
        } catch {
            return error
        }
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
