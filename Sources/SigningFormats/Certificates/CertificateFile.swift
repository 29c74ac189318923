/// A file of certificates: PEM (RFC 7468) with any number of blocks, or DER certificates one after the other.
public enum CertificateFile {
    /// Reads every certificate of a file, in its order.
    ///
    /// Text between PEM blocks is skipped, as `openssl x509 -text` writes it. A block that is not `CERTIFICATE` is refused:
    /// a private key has no business in a trust store. Nothing is ever left out silently.
    ///
    /// - Throws: ``SigningFormatError`` when a block or certificate cannot be read, or there is none.
    public static func certificates(_ bytes: [UInt8]) throws(SigningFormatError) -> [X509Certificate] {
        guard bytes.count <= SigningLimits.certificateFileBytes else {
            throw SigningFormatError(
                .limitExceeded,
                "the file has more than \(SigningLimits.certificateFileBytes) bytes"
            )
        }
        // DER of a certificate starts with SEQUENCE and a long length; text never starts with byte 0x30 0x8x.
        let isDER = bytes.count > 2 && bytes[0] == 0x30 && bytes[1] & 0x80 != 0
        let documents = isDER ? try sequences(bytes) : try blocks(bytes)
        guard !documents.isEmpty else { throw SigningFormatError(.certificate, "the file holds no certificate") }
        guard documents.count <= SigningLimits.storeCertificates else {
            throw SigningFormatError(
                .limitExceeded,
                "the file holds more than \(SigningLimits.storeCertificates) certificates"
            )
        }
        var certificates: [X509Certificate] = []
        for document in documents { certificates.append(try X509Certificate(der: document)) }
        return certificates
    }

    // MARK: DER

    private static func sequences(_ bytes: [UInt8]) throws(SigningFormatError) -> [[UInt8]] {
        var documents: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let length = sequenceLength(rest), length <= rest.count else {
                throw SigningFormatError(.certificate, "the file is not a row of DER certificates")
            }
            documents.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return documents
    }

    /// The length of the SEQUENCE at the start, header included.
    private static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        var bytes = bytes
        guard bytes.popFirst() == 0x30, let first = bytes.popFirst() else { return nil }
        guard first & 0x80 != 0 else { return Int(first) + 2 }
        let count = Int(first & 0x7F)
        guard (1...3).contains(count), bytes.count >= count else { return nil }
        return bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) } + 2 + count
    }

    // MARK: PEM

    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let certificate = Array("CERTIFICATE".utf8)

    private static func blocks(_ bytes: [UInt8]) throws(SigningFormatError) -> [[UInt8]] {
        var documents: [[UInt8]] = []
        var body: [UInt8]?
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let line = trimmed(line)
            if line.starts(with: begin) {
                guard body == nil else { throw SigningFormatError(.certificate, "a PEM block begins inside another") }
                try checkLabel(line.dropFirst(begin.count))
                body = []
            } else if line.starts(with: end) {
                guard let text = body else {
                    throw SigningFormatError(.certificate, "a PEM block ends without a beginning")
                }
                try checkLabel(line.dropFirst(end.count))
                guard let der = Base64.decodeStandard(String(decoding: text, as: UTF8.self)), !der.isEmpty else {
                    throw SigningFormatError(.certificate, "a PEM block is not base64")
                }
                documents.append(der)
                body = nil
            } else {
                body?.append(contentsOf: line)
            }
        }
        guard body == nil else { throw SigningFormatError(.certificate, "a PEM block does not end") }
        return documents
    }

    private static func checkLabel(_ rest: ArraySlice<UInt8>) throws(SigningFormatError) {
        guard rest.count >= dashes.count, rest.suffix(dashes.count).elementsEqual(dashes) else {
            throw SigningFormatError(.certificate, "a PEM boundary is malformed")
        }
        guard rest.dropLast(dashes.count).elementsEqual(certificate) else {
            throw SigningFormatError(
                .certificate,
                "a PEM block is something else than CERTIFICATE; only certificates belong here"
            )
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var line = line.drop(while: isSpace)
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line
    }
}
