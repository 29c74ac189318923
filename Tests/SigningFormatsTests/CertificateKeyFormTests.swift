import SigningFormats
import SigningTestKit
import Testing

@Suite("Keys of certificates that verify nothing here")
struct CertificateKeyFormTests {
    /// The code with which a certificate of a key is refused; `nil` when it is read.
    private func code(_ algorithm: [UInt8], _ bits: [UInt8]) throws -> SigningFormatError.Code? {
        var recipe = CertificateRecipe.leaf()
        recipe.subjectPublicKeyInfo = DERWriter.sequence(DERWriter.sequence(algorithm), DERWriter.bitString(bits))
        let der = try recipe.issue(.shared(.p256)).der
        do throws(SigningFormatError) {
            _ = try X509Certificate(der: der)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("An RSA key has NULL as DER writes it for parameters")
    func rsa() throws {
        let algorithm = DERWriter.objectIdentifier("1.2.840.113549.1.1.1")
        let key = try TestKey.shared(.rsa2048).publicKeyBits
        #expect(try code(algorithm + DERWriter.null, key) == nil)
        #expect(try code(algorithm + [0x05, 0x01, 0x00], key) == .certificate)
        #expect(try code(algorithm + [0x25, 0x00], key) == .certificate)
    }

    @Test("An EC key names a curve that is known")
    func curves() throws {
        let algorithm = DERWriter.objectIdentifier("1.2.840.10045.2.1")
        let point: [UInt8] = [4] + [UInt8](repeating: 1, count: 64)
        #expect(try code(algorithm, point) == .key)
        #expect(try code(algorithm + DERWriter.null, point) == .key)
        #expect(try code(algorithm + DERWriter.sequence(DERWriter.integer(1)), point) == .key)
        for curve in ["1.3.132.0.10", "1.3.36.3.3.2.8.1.1.7", "1.2.2147483648"] {
            #expect(try code(algorithm + DERWriter.objectIdentifier(curve), point) == .key, "\(curve)")
        }
    }

    @Test("A key on P-224 has the form of a point that is not compressed")
    func p224() throws {
        let algorithm =
            DERWriter.objectIdentifier("1.2.840.10045.2.1") + DERWriter.objectIdentifier("1.3.132.0.33")
        // The base point (SEC 2 §2.6.1).
        let x: [UInt8] = [
            0xB7, 0x0E, 0x0C, 0xBD, 0x6B, 0xB4, 0xBF, 0x7F, 0x32, 0x13, 0x90, 0xB9, 0x4A, 0x03, 0xC1, 0xD3, 0x56, 0xC2,
            0x11, 0x22, 0x34, 0x32, 0x80, 0xD6, 0x11, 0x5C, 0x1D, 0x21,
        ]
        let y: [UInt8] = [
            0xBD, 0x37, 0x63, 0x88, 0xB5, 0xF7, 0x23, 0xFB, 0x4C, 0x22, 0xDF, 0xE6, 0xCD, 0x43, 0x75, 0xA0, 0x5A, 0x07,
            0x47, 0x64, 0x44, 0xD5, 0x81, 0x99, 0x85, 0x00, 0x7E, 0x34,
        ]
        #expect(try code(algorithm, [4] + x + y) == nil)
        #expect(try code(algorithm, [2] + x) == .certificate)
        #expect(try code(algorithm, [6] + x + y) == .certificate)
        #expect(try code(algorithm, [4] + x + y + [0]) == .certificate)
        #expect(try code(algorithm, []) == .certificate)
    }

    @Test("An Ed25519 key has 32 bytes, and its algorithm no parameters")
    func ed25519() throws {
        let algorithm = DERWriter.objectIdentifier("1.3.101.112")
        let key = [UInt8](repeating: 1, count: 32)
        #expect(try code(algorithm, key) == nil)
        #expect(try code(algorithm, key + [1]) == .certificate)
        #expect(try code(algorithm, Array(key.dropLast())) == .certificate)
        #expect(try code(algorithm + DERWriter.null, key) == .certificate)
    }

    @Test("A DSA key is a number above zero, with three more for parameters")
    func dsa() throws {
        let algorithm = DERWriter.objectIdentifier("1.2.840.10040.4.1")
        let one = DERWriter.integer(1)
        let parameters = DERWriter.sequence(one, one, one)
        #expect(try code(algorithm + parameters, one) == nil)
        #expect(try code(algorithm, one) == .certificate)
        #expect(try code(algorithm + DERWriter.null, one) == .certificate)
        #expect(try code(algorithm + DERWriter.sequence(one, one), one) == .certificate)
        let bad: [[UInt8]] = [
            DERWriter.integer(0), [0x02, 0x00], [0x02, 0x01, 0xFF], [0x02, 0x02, 0x00, 0x01], DERWriter.null, [],
        ]
        for number in bad {
            #expect(try code(algorithm + parameters, number) == .certificate, "\(number)")
            #expect(try code(algorithm + DERWriter.sequence(one, one, number), one) == .certificate, "\(number)")
        }
    }

    @Test("A key of another kind may be anything, but its algorithm is one")
    func others() throws {
        #expect(try code(DERWriter.objectIdentifier("1.2.3"), []) == nil)
        #expect(try code(DERWriter.objectIdentifier("1.3.101.110"), [1]) == nil)
        #expect(try code(DERWriter.objectIdentifier("1.2.2147483647"), []) == nil)
        #expect(try code(DERWriter.objectIdentifier("1.2.2147483648"), []) == .limitExceeded)
        #expect(try code(DERWriter.objectIdentifier("1.2.3") + [0x9E, 0x00], []) == nil)
        // A tag in two bytes.
        #expect(try code(DERWriter.objectIdentifier("1.2.3") + [0x9F, 0x1F, 0x00], []) == .certificate)
    }
}
