import FoundationEssentials
import JSONModel

extension NotaryEnvelope {
    /// Reads a JWS in flattened JSON serialisation (RFC 7515 §7.2.2, Notary signature-envelope-jws specification).
    ///
    /// Stricter than RFC 7515: exactly four members, no duplicate members anywhere, no header that names keys elsewhere.
    init(jws bytes: [UInt8]) throws(SigningFormatError) {
        let members = try JWSReader.object(bytes, limit: SigningLimits.envelopeBytes, what: "the envelope")
        guard members.keys.allSatisfy(JWSReader.members.contains) else {
            throw SigningFormatError(
                .malformed,
                "the envelope has members besides payload, protected, header and signature"
            )
        }
        let protectedText = try JWSReader.text(members, "protected")
        let payloadText = try JWSReader.text(members, "payload")
        let payload = try JWSReader.decoded(payloadText, "payload", limit: SigningLimits.payloadBytes)
        let signature = try JWSReader.decoded(
            try JWSReader.text(members, "signature"),
            "signature",
            limit: SigningLimits.signatureBytes
        )
        let protected = try JWSReader.protectedHeader(protectedText)
        guard let unprotected = members["header"]?.object else {
            throw SigningFormatError(.malformed, "the member header is missing or not an object")
        }
        try JWSReader.checkNames(protected: protected, unprotected: unprotected)

        let headers = try JWSReader.headers(protected)
        let extended = try headers.validated()
        self.init(
            headers: headers,
            extended: extended,
            payload: payload,
            signingInput: JWSReader.signingInput(protected: protectedText, payload: payloadText),
            signature: signature,
            unprotected: try JWSReader.unprotected(unprotected)
        )
    }

    init(
        headers: ProtectedHeaders,
        extended: [ExtendedAttribute],
        payload: [UInt8],
        signingInput: [UInt8],
        signature: [UInt8],
        unprotected: UnprotectedHeaders
    ) {
        self.init(
            algorithm: headers.algorithm,
            scheme: headers.scheme,
            signingTime: headers.signingTime,
            authenticSigningTime: headers.authenticSigningTime,
            expiry: headers.expiry,
            verificationPlugin: headers.verificationPlugin,
            verificationPluginMinVersion: headers.verificationPluginMinVersion,
            extendedAttributes: extended,
            contentType: headers.contentType,
            payload: payload,
            signingInput: signingInput,
            signature: signature,
            certificates: unprotected.certificates,
            timestampToken: unprotected.timestampToken,
            signingAgent: unprotected.signingAgent
        )
    }
}

/// The unprotected headers that are read at all.
struct UnprotectedHeaders {
    var certificates: [[UInt8]]
    var timestampToken: [UInt8]?
    var signingAgent: String?
}

/// The parts of a JWS, each read with its own bound.
private enum JWSReader {
    static let members: Set<String> = ["payload", "protected", "header", "signature"]

    /// JOSE headers that would bring in a key, a certificate or an encoding from elsewhere (RFC 7515 §4.1, RFC 7797, RFC 7516).
    static let refused: Set<String> = ["jku", "jwk", "kid", "x5u", "x5t", "x5t#S256", "b64", "zip", "enc"]

    static func object(
        _ bytes: [UInt8],
        limit: Int,
        what: String
    ) throws(SigningFormatError) -> [String: JSONValue] {
        guard bytes.count <= limit else {
            throw SigningFormatError(.limitExceeded, "\(what) has more than \(limit) bytes")
        }
        let limits = JSONLimits(
            maximumBytes: limit,
            maximumDepth: SigningLimits.jsonDepth,
            maximumValues: SigningLimits.jsonValues
        )
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser(limits: limits).parse(bytes)
        } catch {
            throw SigningFormatError(.malformed, "\(what) is not valid JSON: \(error)")
        }
        guard let object = value.object else { throw SigningFormatError(.malformed, "\(what) is not a JSON object") }
        return object
    }

    static func protectedHeader(_ text: String) throws(SigningFormatError) -> [String: JSONValue] {
        let limit = SigningLimits.protectedHeaderBytes
        return try object(decoded(text, "protected", limit: limit), limit: limit, what: "the protected header")
    }

    /// What is signed: both texts exactly as received (RFC 7515 §5.2).
    static func signingInput(protected: String, payload: String) -> [UInt8] {
        var input: [UInt8] = []
        input.reserveCapacity(protected.utf8.count + payload.utf8.count + 1)
        input.append(contentsOf: protected.utf8)
        input.append(UInt8(ascii: "."))
        input.append(contentsOf: payload.utf8)
        return input
    }

    static func text(_ members: [String: JSONValue], _ name: String) throws(SigningFormatError) -> String {
        guard let text = members[name]?.string, !text.isEmpty else {
            throw SigningFormatError(.malformed, "the member \(name) is missing, empty or not a string")
        }
        return text
    }

    static func decoded(_ text: String, _ name: String, limit: Int) throws(SigningFormatError) -> [UInt8] {
        guard text.utf8.count / 4 * 3 <= limit else {
            throw SigningFormatError(.limitExceeded, "the member \(name) has more than \(limit) bytes")
        }
        guard let bytes = Base64.decodeURL(text), !bytes.isEmpty else {
            throw SigningFormatError(.malformed, "the member \(name) is not base64url without padding")
        }
        return bytes
    }

    static func checkNames(
        protected: [String: JSONValue],
        unprotected: [String: JSONValue]
    ) throws(SigningFormatError) {
        for name in protected.keys {
            guard !refused.contains(name), name != "x5c" else {
                throw SigningFormatError(.header, "the protected header \"\(name)\" is not accepted")
            }
            guard unprotected[name] == nil else {
                throw SigningFormatError(.header, "the header \"\(name.prefix(96))\" is both protected and unprotected")
            }
        }
        for name in unprotected.keys
        where refused.contains(name) || ["alg", "cty", "crit"].contains(name) || NotaryHeader.protected.contains(name) {
            throw SigningFormatError(.header, "the header \"\(name)\" is not accepted outside the protected header")
        }
    }

    static func headers(_ protected: [String: JSONValue]) throws(SigningFormatError) -> ProtectedHeaders {
        guard let name = protected["alg"]?.string else {
            throw SigningFormatError(.malformed, "the header alg is missing or not a string")
        }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else {
            throw SigningFormatError(.algorithm, "the signature algorithm \"\(name.prefix(32))\" is not allowed")
        }
        guard let scheme = SigningScheme(rawValue: try required(protected, NotaryHeader.signingScheme)) else {
            throw SigningFormatError(.unsupported, "the signing scheme is not known")
        }
        let known = NotaryHeader.protected.union(["alg", "cty", "crit"])
        return ProtectedHeaders(
            format: .jws,
            algorithm: algorithm,
            contentType: try required(protected, "cty"),
            critical: try critical(protected),
            scheme: scheme,
            signingTime: try time(protected, NotaryHeader.signingTime),
            authenticSigningTime: try time(protected, NotaryHeader.authenticSigningTime),
            expiry: try time(protected, NotaryHeader.expiry),
            verificationPlugin: try optional(protected, NotaryHeader.verificationPlugin),
            verificationPluginMinVersion: try optional(protected, NotaryHeader.verificationPluginMinVersion),
            extended: protected.keys.filter { !known.contains($0) }.sorted().map { .text($0) }
        )
    }

    private static func critical(_ protected: [String: JSONValue]) throws(SigningFormatError) -> [HeaderLabel] {
        guard let value = protected["crit"] else { return [] }
        guard let names = value.array else { throw SigningFormatError(.criticalHeaders, "crit is not an array") }
        var labels: [HeaderLabel] = []
        for name in names {
            guard let text = name.string else {
                throw SigningFormatError(.criticalHeaders, "crit holds something else than strings")
            }
            labels.append(.text(text))
        }
        return labels
    }

    private static func required(_ members: [String: JSONValue], _ name: String) throws(SigningFormatError) -> String {
        guard let text = try optional(members, name) else {
            throw SigningFormatError(.header, "the header \(name) is missing")
        }
        return text
    }

    private static func optional(_ members: [String: JSONValue], _ name: String) throws(SigningFormatError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string, text.utf8.count <= SigningLimits.headerTextBytes else {
            throw SigningFormatError(
                .header,
                "the header \(name) is not a string of at most \(SigningLimits.headerTextBytes) bytes"
            )
        }
        return text
    }

    private static func time(_ members: [String: JSONValue], _ name: String) throws(SigningFormatError) -> Date? {
        guard let text = try optional(members, name) else { return nil }
        guard let date = RFC3339.parse(text) else {
            throw SigningFormatError(.header, "the header \(name) is no RFC 3339 time")
        }
        return date
    }

    static func unprotected(_ members: [String: JSONValue]) throws(SigningFormatError) -> UnprotectedHeaders {
        guard let chain = members["x5c"]?.array, !chain.isEmpty else {
            throw SigningFormatError(.chain, "the envelope carries no certificate (header x5c)")
        }
        guard chain.count <= SigningLimits.chainCertificates else {
            throw SigningFormatError(
                .limitExceeded,
                "the chain has more than \(SigningLimits.chainCertificates) certificates"
            )
        }
        var certificates: [[UInt8]] = []
        for entry in chain {
            guard let text = entry.string else {
                throw SigningFormatError(.certificate, "x5c holds something else than strings")
            }
            certificates.append(try standard(text, "a certificate of x5c", limit: SigningLimits.certificateBytes))
        }
        var token: [UInt8]?
        if let value = members[NotaryHeader.timestampSignature] {
            guard let text = value.string else { throw SigningFormatError(.header, "the timestamp is not a string") }
            token = try standard(text, "the timestamp", limit: SigningLimits.timestampTokenBytes)
        }
        return UnprotectedHeaders(
            certificates: certificates,
            timestampToken: token,
            signingAgent: try optional(members, NotaryHeader.signingAgent)
        )
    }

    private static func standard(_ text: String, _ what: String, limit: Int) throws(SigningFormatError) -> [UInt8] {
        guard text.utf8.count / 4 * 3 <= limit + 2 else {
            throw SigningFormatError(.limitExceeded, "\(what) has more than \(limit) bytes")
        }
        guard let bytes = Base64.decodeStandard(text), !bytes.isEmpty else {
            throw SigningFormatError(.malformed, "\(what) is not standard base64")
        }
        return bytes
    }
}
