import SigningFormats
import SigningTestKit
import Testing

@Suite("CBOR")
struct CBORDecoderTests {
    private static func code(_ bytes: [UInt8]) -> SigningFormatError.Code? {
        do throws(SigningFormatError) {
            _ = try CBORDecoder.decode(bytes[...])
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "The examples of RFC 8949 appendix A are read",
        arguments: [
            ([0x00], .unsigned(0)), ([0x17], .unsigned(23)), ([0x18, 0x18], .unsigned(24)),
            ([0x19, 0x03, 0xE8], .unsigned(1000)),
            ([0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .unsigned(.max)), ([0x20], .negative(0)),
            ([0x3B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .negative(.max)), ([0x38, 0x63], .negative(99)),
            ([0xF9, 0x00, 0x00], .float(0)), ([0xF9, 0x3C, 0x00], .float(1)), ([0xF9, 0x7B, 0xFF], .float(65504)),
            ([0xF9, 0x00, 0x01], .float(5.960464477539063e-8)), ([0xF9, 0xC4, 0x00], .float(-4)),
            ([0xF9, 0x7C, 0x00], .float(.infinity)), ([0xFA, 0x47, 0xC3, 0x50, 0x00], .float(100000)),
            ([0xFB, 0x3F, 0xF1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], .float(1.1)), ([0xF4], .bool(false)),
            ([0xF5], .bool(true)),
            ([0xF6], .null), ([0xF7], .undefined), ([0xF0], .simple(16)), ([0xF8, 0xFF], .simple(255)),
            ([0xC1, 0x1A, 0x51, 0x4B, 0x67, 0xB0], .tagged(1, .unsigned(1_363_896_240))), ([0x40], .bytes([])),
            ([0x44, 1, 2, 3, 4], .bytes([1, 2, 3, 4])), ([0x62, 0xC3, 0xBC], .text("\u{FC}")),
            ([0x83, 1, 2, 3], .array([.unsigned(1), .unsigned(2), .unsigned(3)])), ([0xA0], .map([])),
            ([0xA1, 0x01, 0x02], .map([.init(key: .unsigned(1), value: .unsigned(2))])),
        ] as [([UInt8], CBORValue)]
    )
    func examples(bytes: [UInt8], value: CBORValue) throws {
        #expect(try CBORDecoder.decode(bytes[...]) == value)
    }

    @Test("Numbers need not be in their shortest form, and mean the same")
    func longForms() throws {
        #expect(try CBORDecoder.decode([0x1B, 0, 0, 0, 0, 0, 0, 0, 1]) == .unsigned(1))
        #expect(try CBORDecoder.decode([0x58, 0x01, 0xAA]) == .bytes([0xAA]))
    }

    @Test(
        "Malformed items are refused",
        arguments: [
            [], [0x18], [0x19, 0x01], [0x1C], [0x1D], [0x1E], [0x1F], [0x41], [0x61], [0x61, 0xFF], [0x62, 0xC3, 0x28],
            [0x5F, 0xFF],
            [0x7F, 0xFF], [0x9F, 0xFF], [0xBF, 0xFF], [0x81], [0xA1, 0x01], [0xA2, 0x01, 0x02, 0x01, 0x03],
            [0xA2, 0x01, 0x02, 0x18, 0x01, 0x03], [0xC1], [0xF8, 0x00], [0xF8, 0x1F], [0xFC], [0xFD], [0xFE], [0xFF],
            [0xF9, 0x00],
            [0x00, 0x00], [0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0xBB, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x9A, 0x00, 0x01, 0x00, 0x00],
        ] as [[UInt8]]
    )
    func malformed(bytes: [UInt8]) {
        #expect(Self.code(bytes) == .malformed)
    }

    @Test("Nesting beyond the limit is refused, up to it is not")
    func depth() {
        let limit = SigningLimits.cborDepth
        for (count, expected) in [(limit, nil), (limit + 1, .limitExceeded), (100_000, .limitExceeded)]
            as [(Int, SigningFormatError.Code?)]
        {
            #expect(Self.code([UInt8](repeating: 0x81, count: count) + [0x00]) == expected)
            #expect(Self.code([UInt8](repeating: 0xC6, count: count) + [0x00]) == expected)
        }
    }

    @Test("Too many items are refused before they are read")
    func items() {
        let few = TestCBOR.array(Array(repeating: .integer(0), count: SigningLimits.cborItems - 1))
        let many = TestCBOR.array(Array(repeating: .integer(0), count: SigningLimits.cborItems))
        #expect(Self.code(few.encoded) == nil)
        #expect(Self.code(many.encoded) == .limitExceeded)
    }

    @Test("Integers beyond 64 bits with sign are not integers")
    func integers() {
        #expect(CBORValue.unsigned(UInt64(Int64.max)).integer == .max)
        #expect(CBORValue.unsigned(UInt64(Int64.max) + 1).integer == nil)
        #expect(CBORValue.negative(UInt64(Int64.max)).integer == .min)
        #expect(CBORValue.negative(UInt64(Int64.max) + 1).integer == nil)
    }
}
