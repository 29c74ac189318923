import FoundationEssentials
import SigningFormats
import SigningTestKit
import Testing

/// What is read as a timestamp, and what is refused before anything is judged.
@Suite("Timestamp tokens")
struct TimestampTokenTests {
    private static let date = Date(timeIntervalSince1970: 1_780_272_000)
    private let authority: TestChain

    init() throws { authority = try TestChain.make(number: 7, leaf: .timestamping()) }

    private func token(
        info: (inout TimestampInfoRecipe) -> Void = { _ in },
        change: (inout TimestampRecipe) -> Void = { _ in }
    ) throws -> [UInt8] {
        var recipe = TimestampRecipe(of: [1, 2, 3], at: Self.date, by: authority, change: info)
        change(&recipe)
        return try recipe.token()
    }

    private func refusal(
        _ bytes: [UInt8],
        _ code: SigningFormatError.Code,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do throws(SigningFormatError) {
            _ = try TimestampToken(der: bytes)
            Issue.record("was read", sourceLocation: sourceLocation)
        } catch {
            #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
        }
    }

    @Test("a good token is read")
    func good() throws {
        let token = try TimestampToken(der: token())
        #expect(token.info.time == Self.date)
        #expect(token.info.accuracy == .zero)
        #expect(token.info.isAbout([1, 2, 3]))
        #expect(!token.info.isAbout([1, 2]))
        #expect(token.certificates.map(\.der) == authority.der)
        #expect(token.signers.count == 1)
        let signer = try #require(token.signers.first)
        #expect(token.isSigned(by: signer))
        #expect(signer.hasValidSignature(from: token.certificates[0]))
        #expect(!signer.hasValidSignature(from: token.certificates[1]))
        #expect(signer.attributes?.signingTime == nil)
    }

    @Test(
        "times are those of DER, to the nanosecond",
        arguments: [
            ("20260601000000Z", 1_780_272_000, 0), ("20260601000000.5Z", 1_780_272_000, 500_000_000),
            ("20260601000000.000000001Z", 1_780_272_000, 1), ("20240229235959.120045Z", 1_709_251_199, 120_045_000),
            ("19691231235959Z", -1, 0),
        ]
    )
    func times(text: String, seconds: Int, nanoseconds: Int) throws {
        let token = try TimestampToken(der: token(info: { $0.time = text }))
        #expect(token.info.sinceEpoch == .seconds(seconds) + .nanoseconds(nanoseconds))
    }

    @Test(
        "any other time is refused",
        arguments: [
            "", "Z", "20260601000000", "20260601000000.Z", "20260601000000.50Z", "20260601000000.0Z",
            "20260601000000.1234567891Z", "202606010000Z", "2026060100Z", "20260601000000+0000", "20260601000060Z",
            "20260230000000Z", "20261301000000Z", "20260601240000Z", "00000101000000Z", "20260601000000,5Z",
            "2026060100000OZ", " 0260601000000Z", "20260601000000.5z",
        ]
    )
    func badTimes(text: String) throws { refusal(try token(info: { $0.time = text }), .malformed) }

    @Test("accuracy is bounded")
    func accuracy() throws {
        func accuracy(_ der: [UInt8]) throws -> [UInt8] { try token(info: { $0.accuracy = der }) }
        let good = try TimestampToken(der: accuracy(TimestampInfoRecipe.accuracy(seconds: 2, millis: 3, micros: 4)))
        #expect(good.info.accuracy == .microseconds(2_003_004))
        #expect(try TimestampToken(der: accuracy(DERWriter.sequence())).info.accuracy == .zero)
        refusal(try accuracy(TimestampInfoRecipe.accuracy(millis: 1000)), .malformed)
        refusal(try accuracy(TimestampInfoRecipe.accuracy(micros: 1000)), .malformed)
        refusal(try accuracy(TimestampInfoRecipe.accuracy(seconds: 1 << 40)), .limitExceeded)
        refusal(try accuracy(DERWriter.sequence([0x02, 0x01, 0xFF])), .limitExceeded)
        refusal(try accuracy(DERWriter.sequence([0x02, 0x09, 1, 1, 1, 1, 1, 1, 1, 1, 1])), .malformed)
    }

    @Test("versions and types are the known ones")
    func versions() throws {
        refusal(try token(info: { $0.version = 2 }), .unsupported)
        refusal(try token(info: { $0.version = 0 }), .unsupported)
        for version in [0, 1, 4, 5] { refusal(try token(change: { $0.version = version }), .unsupported) }
        refusal(try token(change: { $0.outerType = "1.2.840.113549.1.7.1" }), .unsupported)
        refusal(try token(change: { $0.contentType = "1.2.840.113549.1.7.1" }), .unsupported)
    }

    @Test("something follows, is missing or stands twice")
    func structure() throws {
        refusal(try token() + [0], .malformed)
        refusal([], .malformed)
        refusal([0x30, 0], .malformed)
        refusal(try token(info: { $0.tail = DERWriter.null }), .malformed)
        refusal(try token(change: { $0.signers = [] }), .malformed)
        refusal(try token(change: { $0.content = [] }), .malformed)
        refusal(try token(change: { $0.content += [0] }), .malformed)
        refusal(try token(change: { $0.certificates[0] = DERWriter.tagged(1, []) }), .unsupported)
        refusal(try token(change: { $0.certificates[0] = DERWriter.sequence() }), .certificate)
        for type in ["1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", TimestampSignerRecipe.signingCertificateV2] {
            let attribute = try #require(
                TimestampSignerRecipe(authority.leaf, content: []).attributes.first { $0.type == type }
            )
            refusal(try token(change: { $0.signers[0].attributes.append(attribute) }), .malformed)
            var double = attribute
            double.values += double.values
            refusal(try token(change: { $0.signers[0].set(double) }), .malformed)
            double.values = []
            refusal(try token(change: { $0.signers[0].set(double) }), .malformed)
        }
        let empty = DERWriter.sequence(DERWriter.sequence())
        let attribute = TimestampSignerRecipe.Attribute(TimestampSignerRecipe.signingCertificateV2, empty)
        refusal(try token(change: { $0.signers[0].set(attribute) }), .malformed)
    }

    @Test("every list and the whole have a limit")
    func limits() throws {
        refusal([UInt8](repeating: 0x30, count: SigningLimits.timestampTokenBytes + 1), .limitExceeded)
        let many = SigningLimits.timestampCertificates + 1
        refusal(
            try token(change: { $0.certificates = Array(repeating: authority.leaf.der, count: many) }),
            .limitExceeded
        )
        let signers = SigningLimits.timestampSigners
        #expect(
            try TimestampToken(der: token(change: { $0.signers = Array(repeating: $0.signers[0], count: signers) }))
                .signers
                .count == signers
        )
        refusal(
            try token(change: { $0.signers = Array(repeating: $0.signers[0], count: signers + 1) }),
            .limitExceeded
        )
        refusal(
            try token(change: { token in
                token.signers[0].attributes += (0..<SigningLimits.timestampAttributes).map {
                    .init("1.3.6.1.4.1.32473.\($0)", DERWriter.null)
                }
            }),
            .limitExceeded
        )
        let deep = (0..<40).reduce(DERWriter.null) { nested, _ in DERWriter.sequence(nested) }
        refusal(
            try token(change: { $0.signers[0].attributes.append(.init("1.3.6.1.4.1.32473.1", deep)) }),
            .limitExceeded
        )
        let deeper = (0..<2000).reduce(DERWriter.null) { nested, _ in DERWriter.sequence(nested) }
        refusal(
            try token(change: { $0.signers[0].attributes.append(.init("1.3.6.1.4.1.32473.1", deeper)) }),
            .malformed
        )
    }

    @Test("lengths that lie are refused")
    func lengths() throws {
        let good = try token()
        refusal([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], .malformed)
        refusal([0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .malformed)
        // The same token in BER: an indefinite length, and a length that is longer than need be.
        #expect(good[1] == 0x82)
        refusal([0x30, 0x80] + good.dropFirst(4) + [0, 0], .malformed)
        refusal([0x30, 0x83, 0x00] + good[2...], .malformed)
        for length in stride(from: 0, to: good.count, by: 7) { refusal(Array(good.prefix(length)), .malformed) }
    }
}
