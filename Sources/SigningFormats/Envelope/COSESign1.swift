/// A tagged COSE_Sign1 (RFC 9052 §4.2), taken apart but not interpreted.
struct COSESign1 {
    /// The IANA COSE header labels that matter here.
    enum Label {
        static let algorithm: Int64 = 1
        static let critical: Int64 = 2
        static let contentType: Int64 = 3
        static let initialisationVector: Int64 = 5
        static let partialInitialisationVector: Int64 = 6
        static let certificateChain: Int64 = 33
    }

    /// The content of the protected bucket's byte string.
    let protectedBytes: ArraySlice<UInt8>
    let protected: [HeaderLabel: CBORValue]
    let unprotected: [HeaderLabel: CBORValue]
    let payload: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>

    /// Reads the message: exactly tag 18 in its short form over a definite array of four, with the payload attached.
    init(_ bytes: [UInt8]) throws(SigningFormatError) {
        guard bytes.count <= SigningLimits.envelopeBytes else {
            throw SigningFormatError(.limitExceeded, "the envelope has more than \(SigningLimits.envelopeBytes) bytes")
        }
        guard bytes.starts(with: [0xD2, 0x84]) else {
            throw SigningFormatError(.malformed, "the envelope is not a COSE_Sign1 with tag 18")
        }
        var decoder = CBORDecoder(bytes[2...])
        let first = try decoder.next()
        let second = try decoder.next()
        let third = try decoder.next()
        let fourth = try decoder.next()
        guard decoder.isAtEnd else { throw SigningFormatError(.malformed, "content follows the COSE_Sign1") }
        guard let protectedBytes = first.bytes, case .map(let unprotectedEntries) = second else {
            throw SigningFormatError(.malformed, "the headers of the COSE_Sign1 are not a byte string and a map")
        }
        guard let payload = third.bytes, !payload.isEmpty else {
            throw SigningFormatError(.malformed, "the COSE_Sign1 has no payload in it")
        }
        guard let signature = fourth.bytes, !signature.isEmpty else {
            throw SigningFormatError(.malformed, "the COSE_Sign1 has no signature in it")
        }
        self.protectedBytes = protectedBytes
        self.payload = payload
        self.signature = signature
        unprotected = try Self.labelled(unprotectedEntries)
        protected = try Self.protectedHeaders(protectedBytes)
        try checkBuckets()
    }

    private static func protectedHeaders(_ bytes: ArraySlice<UInt8>) throws(SigningFormatError) -> [HeaderLabel:
        CBORValue]
    {
        guard bytes.count <= SigningLimits.protectedHeaderBytes else {
            throw SigningFormatError(
                .limitExceeded,
                "the protected header has more than \(SigningLimits.protectedHeaderBytes) bytes"
            )
        }
        guard case .map(let entries) = try CBORDecoder.decode(bytes) else {
            throw SigningFormatError(.malformed, "the protected header is not a map")
        }
        return try labelled(entries)
    }

    private static func labelled(_ entries: [CBORValue.Entry]) throws(SigningFormatError) -> [HeaderLabel: CBORValue] {
        var headers: [HeaderLabel: CBORValue] = [:]
        headers.reserveCapacity(entries.count)
        for entry in entries { headers[try label(entry.key)] = entry.value }
        return headers
    }

    static func label(_ value: CBORValue) throws(SigningFormatError) -> HeaderLabel {
        if let number = value.integer { return .number(number) }
        if let text = value.text { return .text(text) }
        throw SigningFormatError(.malformed, "a COSE header label is neither an integer nor text")
    }

    /// Tags are allowed on protected values alone, where the reader of times expects them; a label may stand in one bucket only
    /// (RFC 9052 §3), and an initialisation vector may not be given twice (§3.1).
    private func checkBuckets() throws(SigningFormatError) {
        for (label, value) in unprotected {
            guard protected[label] == nil else {
                throw SigningFormatError(.header, "the header \(label) is both protected and unprotected")
            }
            guard !value.containsTag else {
                throw SigningFormatError(.malformed, "the unprotected header \(label) has a tag")
            }
        }
        func has(_ label: Int64) -> Bool { protected[.number(label)] != nil || unprotected[.number(label)] != nil }
        guard !(has(Label.initialisationVector) && has(Label.partialInitialisationVector)) else {
            throw SigningFormatError(.header, "there are both an IV and a Partial IV")
        }
    }

    /// The Sig_structure (RFC 9052 §4.4) in deterministic encoding: `["Signature1", protected, h'', payload]`.
    var signingInput: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(protectedBytes.count + payload.count + 32)
        output.append(0x84)
        output.append(0x6A)
        output.append(contentsOf: "Signature1".utf8)
        Self.append(byteString: protectedBytes, to: &output)
        output.append(0x40)
        Self.append(byteString: payload, to: &output)
        return output
    }

    private static func append(byteString bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let count = bytes.count
        switch count {
        case 0..<24: output.append(0x40 | UInt8(count))
        case 24..<0x100: output.append(contentsOf: [0x58, UInt8(count)])
        case 0x100..<0x1_0000: output.append(contentsOf: [0x59, UInt8(count >> 8), UInt8(count & 0xFF)])
        default:
            output.append(0x5A)
            for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: count >> shift)) }
        }
        output.append(contentsOf: bytes)
    }
}
