import FoundationEssentials

extension NotaryEnvelope {
    /// Reads a COSE_Sign1 (Notary signature-envelope-cose specification).
    init(cose bytes: [UInt8]) throws(SigningFormatError) {
        let message = try COSESign1(bytes)
        guard message.payload.count <= SigningLimits.payloadBytes else {
            throw SigningFormatError(.limitExceeded, "the payload has more than \(SigningLimits.payloadBytes) bytes")
        }
        guard message.signature.count <= SigningLimits.signatureBytes else {
            throw SigningFormatError(
                .limitExceeded,
                "the signature has more than \(SigningLimits.signatureBytes) bytes"
            )
        }
        let headers = try COSEReader.headers(message.protected)
        let extended = try headers.validated()
        self.init(
            headers: headers,
            extended: extended,
            payload: Array(message.payload),
            signingInput: message.signingInput,
            signature: Array(message.signature),
            unprotected: try COSEReader.unprotected(message.unprotected)
        )
    }
}

private enum COSEReader {
    private typealias Headers = [HeaderLabel: CBORValue]

    static func headers(_ protected: [HeaderLabel: CBORValue]) throws(SigningFormatError) -> ProtectedHeaders {
        try checkTags(protected)
        guard let identifier = protected[.number(COSESign1.Label.algorithm)]?.integer else {
            throw SigningFormatError(.malformed, "the algorithm header is missing or not an integer")
        }
        guard let algorithm = SignatureAlgorithm(coseIdentifier: identifier) else {
            throw SigningFormatError(.algorithm, "the signature algorithm \(identifier) is not allowed")
        }
        guard let contentType = protected[.number(COSESign1.Label.contentType)]?.text else {
            throw SigningFormatError(.header, "the content type is missing or not text")
        }
        guard let schemeName = try text(protected, NotaryHeader.signingScheme) else {
            throw SigningFormatError(.header, "the header \(NotaryHeader.signingScheme) is missing")
        }
        guard let scheme = SigningScheme(rawValue: schemeName) else {
            throw SigningFormatError(.unsupported, "the signing scheme is not known")
        }
        return ProtectedHeaders(
            format: .cose,
            algorithm: algorithm,
            contentType: contentType,
            critical: try critical(protected),
            scheme: scheme,
            signingTime: try time(protected, NotaryHeader.signingTime),
            authenticSigningTime: try time(protected, NotaryHeader.authenticSigningTime),
            expiry: try time(protected, NotaryHeader.expiry),
            verificationPlugin: try text(protected, NotaryHeader.verificationPlugin),
            verificationPluginMinVersion: try text(protected, NotaryHeader.verificationPluginMinVersion),
            extended: protected.keys.filter { !isKnown($0) }.sorted { $0.description < $1.description }
        )
    }

    private static func isKnown(_ label: HeaderLabel) -> Bool {
        switch label {
        case .text(let text): NotaryHeader.protected.contains(text)
        case .number(let number):
            [COSESign1.Label.algorithm, COSESign1.Label.critical, COSESign1.Label.contentType].contains(number)
        }
    }

    /// A tag is allowed in one place: on the value of a time header.
    private static func checkTags(_ protected: Headers) throws(SigningFormatError) {
        let times = [NotaryHeader.signingTime, NotaryHeader.authenticSigningTime, NotaryHeader.expiry]
        for (label, value) in protected where value.containsTag {
            guard case .text(let name) = label, times.contains(name) else {
                throw SigningFormatError(.malformed, "the header \(label) has a tag")
            }
        }
    }

    private static func critical(_ protected: Headers) throws(SigningFormatError) -> [HeaderLabel] {
        guard let value = protected[.number(COSESign1.Label.critical)] else { return [] }
        guard let names = value.array else { throw SigningFormatError(.criticalHeaders, "crit is not an array") }
        var labels: [HeaderLabel] = []
        for name in names { labels.append(try COSESign1.label(name)) }
        return labels
    }

    private static func text(_ headers: Headers, _ name: String) throws(SigningFormatError) -> String? {
        guard let value = headers[.text(name)] else { return nil }
        guard let text = value.text, text.utf8.count <= SigningLimits.headerTextBytes else {
            throw SigningFormatError(
                .header,
                "the header \(name) is not text of at most \(SigningLimits.headerTextBytes) bytes"
            )
        }
        return text
    }

    /// Tag 1 over an integer: whole seconds since 1970.
    ///
    /// Tag 0, no tag and fractions are refused.
    private static func time(_ headers: Headers, _ name: String) throws(SigningFormatError) -> Date? {
        guard let value = headers[.text(name)] else { return nil }
        guard case .tagged(1, let content) = value, let seconds = content.integer,
            CivilTime.expressible.contains(seconds)
        else { throw SigningFormatError(.header, "the header \(name) is no time in whole seconds (tag 1)") }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    static func unprotected(_ headers: [HeaderLabel: CBORValue]) throws(SigningFormatError) -> UnprotectedHeaders {
        guard let chain = headers[.number(COSESign1.Label.certificateChain)]?.array, !chain.isEmpty else {
            throw SigningFormatError(.chain, "the envelope carries no array of certificates (header x5chain)")
        }
        guard chain.count <= SigningLimits.chainCertificates else {
            throw SigningFormatError(
                .limitExceeded,
                "the chain has more than \(SigningLimits.chainCertificates) certificates"
            )
        }
        var certificates: [[UInt8]] = []
        for entry in chain {
            guard let bytes = entry.bytes else {
                throw SigningFormatError(.certificate, "x5chain holds something else than byte strings")
            }
            certificates.append(Array(bytes))
        }
        for label in headers.keys {
            if case .text(let name) = label, NotaryHeader.protected.contains(name) {
                throw SigningFormatError(.header, "the header \(label) is not accepted outside the protected header")
            }
        }
        return UnprotectedHeaders(
            certificates: certificates,
            timestampToken: try timestamp(headers),
            signingAgent: try text(headers, NotaryHeader.signingAgent)
        )
    }

    private static func timestamp(_ headers: Headers) throws(SigningFormatError) -> [UInt8]? {
        guard let value = headers[.text(NotaryHeader.timestampSignature)] else { return nil }
        guard let bytes = value.bytes, bytes.count <= SigningLimits.timestampTokenBytes else {
            throw SigningFormatError(
                .header,
                "the timestamp is not a byte string of at most \(SigningLimits.timestampTokenBytes) bytes"
            )
        }
        return Array(bytes)
    }
}
