import SigningFormats
import SigningTestKit
import Testing

@Suite("Files of certificates")
struct CertificateFileTests {
    private let chain: TestChain

    init() throws { chain = try TestChain.make() }

    private func read(_ text: String) throws -> [[UInt8]] {
        try CertificateFile.certificates(Array(text.utf8)).map(\.der)
    }

    private func code(_ bytes: [UInt8]) -> SigningFormatError.Code? {
        do throws(SigningFormatError) {
            _ = try CertificateFile.certificates(bytes)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("One PEM block, several, and text between them")
    func pem() throws {
        #expect(try read(chain.root.pem) == [chain.root.der])
        let text =
            "subject=CN = x\n" + chain.certificates.map(\.pem).joined(separator: "\nissuer=CN = y\n\n") + "\n# end\n"
        #expect(try read(text) == chain.der)
    }

    @Test("PEM with other line ends, other line lengths and spaces at line ends")
    func pemForms() throws {
        #expect(try read(chain.root.pem.split(separator: "\n").joined(separator: "\r\n")) == [chain.root.der])
        #expect(try read(chain.root.pem.split(separator: "\n").joined(separator: " \n")) == [chain.root.der])
        let lines = chain.root.pem.split(separator: "\n")
        let body = lines.dropFirst().dropLast().joined()
        #expect(try read("\(lines[0])\n\(body)\n\(lines[lines.count - 1])") == [chain.root.der])
    }

    @Test("One DER certificate, and several in a row")
    func der() throws {
        #expect(try CertificateFile.certificates(chain.root.der).map(\.der) == [chain.root.der])
        #expect(try CertificateFile.certificates(chain.der.flatMap { $0 }).map(\.der) == chain.der)
    }

    @Test("Empty, foreign and damaged files are refused and never read in part")
    func refused() throws {
        let pem = chain.root.pem
        #expect(code([]) == .certificate)
        #expect(code(Array("nothing".utf8)) == .certificate)
        #expect(
            code(Array("\(pem)-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8)) == .certificate
        )
        #expect(code(Array("\(pem)-----BEGIN CERTIFICATE-----\nAAAA\n".utf8)) == .certificate)
        #expect(code(Array("\(pem)-----END CERTIFICATE-----\n".utf8)) == .certificate)
        #expect(code(Array("\(pem)-----BEGIN CERTIFICATE-----\n\(pem)".utf8)) == .certificate)
        #expect(code(Array("\(pem)-----BEGIN CERTIFICATE----\nAAAA\n-----END CERTIFICATE-----\n".utf8)) == .certificate)
        #expect(
            code(Array("\(pem)-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".utf8)) == .certificate
        )
        #expect(
            code(Array("\(pem)-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)) == .certificate
        )
        #expect(code(Array("\(pem)-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".utf8)) == .certificate)
        #expect(code(chain.root.der + [0x00]) == .certificate)
        #expect(code(chain.root.der + [0x30, 0x05]) == .certificate)
        #expect(code(Array(chain.root.der.dropLast())) == .certificate)
        #expect(code([UInt8](repeating: 0x0A, count: SigningLimits.certificateFileBytes + 1)) == .limitExceeded)
        #expect(
            code([UInt8](repeating: 0x30, count: 10_000).enumerated().map { $0.offset % 2 == 0 ? 0x30 : 0x80 })
                == .certificate
        )
    }
}
