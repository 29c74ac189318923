import FoundationEssentials

@testable import SigningFormats

/// Signature envelopes and what stands in them.
enum SigningTargets {
    static let all = [
        DecoderTarget("jws-envelope", maximumLength: 16 << 10) { try envelope(try? UnverifiedEnvelope(jws: $0)) },
        DecoderTarget("cose-envelope", maximumLength: 16 << 10) { try envelope(try? UnverifiedEnvelope(cose: $0)) },
        DecoderTarget("cbor", cbor),
        DecoderTarget("notary-payload", payload),
        DecoderTarget("timestamp-token", maximumLength: 16 << 10, timestampToken),
        .text("base64", base64),
        .text("rfc3339", maximumLength: 64, dateTime),
    ]

    /// What all inputs before left behind.
    private static let chains = ChainMemory()

    private static func envelope(_ unverified: UnverifiedEnvelope?) throws {
        guard let unverified else { return }
        let claims = unverified.claims
        try demand(claims.contentType == NotaryEnvelope.payloadMediaType, "no other payload is accepted")
        try demand(!claims.payload.isEmpty && !claims.signature.isEmpty, "payload and signature are there")
        try demand(claims.certificates.count <= SigningLimits.chainCertificates, "certificates are counted")
        try demand((claims.signingTime == nil) != (claims.authenticSigningTime == nil), "exactly one time is claimed")
        if let token = claims.timestampToken { _ = try? TimestampToken(der: token) }
        let verified = try? unverified.verified()
        for _ in 0..<2 {
            try demand((try? unverified.verified(knowing: chains)) == verified, "known chains change nothing")
        }
        guard let verified else { return }
        try demand(verified.contents == claims, "what was verified is what was claimed")
        _ = try? NotaryPayload(verified)
    }

    private static func cbor(_ bytes: [UInt8]) throws {
        guard let value = try? CBORDecoder.decode(bytes[...]) else { return }
        let written = CBORWriter.bytes(value)
        let again = try? CBORDecoder.decode(written[...])
        // Compared as bytes, for a NaN is no value that equals itself.
        try demand(again.map(CBORWriter.bytes) == written, "what is written of an item reads as that item")
    }

    private static func payload(_ bytes: [UInt8]) throws {
        guard let payload = try? NotaryPayload(signed: bytes) else { return }
        try demand(payload.size >= 0, "a size is not negative")
        try demand(payload.annotations.count <= SigningLimits.payloadAnnotations, "annotations are counted")
    }

    private static func timestampToken(_ bytes: [UInt8]) throws {
        guard let token = try? TimestampToken(der: bytes) else { return }
        try demand(!token.signers.isEmpty, "somebody signed")
        for signer in token.signers {
            _ = token.isSigned(by: signer)
            for certificate in token.certificates { _ = signer.hasValidSignature(from: certificate) }
        }
        _ = token.info.isAbout(bytes)
        _ = try? CertificateChain(timestamping: token.certificates)
    }

    private static func base64(_ text: String) throws {
        if let bytes = Base64.decodeStandard(text) {
            try demand(Data(bytes).base64EncodedString() == text, "bytes have one spelling")
        }
        if let bytes = Base64.decodeURL(text) {
            let standard = Data(bytes).base64EncodedString().prefix { $0 != "=" }
            let url = standard.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
            try demand(String(url) == text, "bytes have one spelling in URLs")
        }
    }

    private static func dateTime(_ text: String) throws {
        guard let date = RFC3339.parse(text) else { return }
        let seconds = date.timeIntervalSince1970.rounded(.down)
        try demand(
            seconds >= Double(CivilTime.expressible.lowerBound)
                && seconds <= Double(CivilTime.expressible.upperBound) + 1,
            "a moment can be expressed"
        )
    }
}

/// Writes items in the shortest form that the decoder reads.
enum CBORWriter {
    static func bytes(_ value: CBORValue) -> [UInt8] {
        switch value {
        case .unsigned(let number): head(0, number)
        case .negative(let argument): head(1, argument)
        case .bytes(let bytes): head(2, UInt64(bytes.count)) + bytes
        case .text(let text): head(3, UInt64(text.utf8.count)) + text.utf8
        case .array(let elements): head(4, UInt64(elements.count)) + elements.flatMap(bytes)
        case .map(let entries): head(5, UInt64(entries.count)) + entries.flatMap { bytes($0.key) + bytes($0.value) }
        case .tagged(let tag, let item): head(6, tag) + bytes(item)
        case .bool(let isTrue): [isTrue ? 0xF5 : 0xF4]
        case .null: [0xF6]
        case .undefined: [0xF7]
        case .simple(let number): number < 20 ? [0xE0 | number] : [0xF8, number]
        case .float(let number): [0xFB] + bigEndian(number.bitPattern, 8)
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64) -> [UInt8] {
        switch argument {
        case 0..<24: [major << 5 | UInt8(argument)]
        case 24...0xFF: [major << 5 | 24] + bigEndian(argument, 1)
        case 0x100...0xFFFF: [major << 5 | 25] + bigEndian(argument, 2)
        case 0x1_0000...0xFFFF_FFFF: [major << 5 | 26] + bigEndian(argument, 4)
        default: [major << 5 | 27] + bigEndian(argument, 8)
        }
    }

    private static func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    }
}
