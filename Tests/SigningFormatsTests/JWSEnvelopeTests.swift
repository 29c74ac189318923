import FoundationEssentials
import JSONModel
import OCIModel
import SigningFormats
import SigningTestKit
import Testing

/// One way to make an envelope, and what must come of it.
struct JWSCase: Sendable, CustomTestStringConvertible {
    let name: String
    let code: SigningFormatError.Code?
    let change: @Sendable (inout JWSRecipe) throws -> Void
    var testDescription: String { name }

    init(
        _ name: String,
        _ code: SigningFormatError.Code?,
        _ change: @escaping @Sendable (inout JWSRecipe) throws -> Void
    ) {
        self.name = name
        self.code = code
        self.change = change
    }
}

@Suite("JWS envelopes")
struct JWSEnvelopeTests {
    private static let time = "\"2026-01-01T00:00:00Z\""
    private static let future = "\"2027-01-01T00:00:00Z\""
    private static let scheme = "io.cncf.notary.signingScheme"
    private static let signingTime = "io.cncf.notary.signingTime"
    private static let authenticTime = "io.cncf.notary.authenticSigningTime"
    private static let expiry = "io.cncf.notary.expiry"
    private static let plugin = "io.cncf.notary.verificationPlugin"
    private static let pluginVersion = "io.cncf.notary.verificationPluginMinVersion"

    static let accepted: [JWSCase] = [
        JWSCase("as it should be", nil) { _ in },
        JWSCase("time with an offset", nil) { $0.set(signingTime, json: "\"2026-01-01T08:00:00+08:00\"") },
        JWSCase("time with a fraction", nil) { $0.set(signingTime, json: "\"2026-01-01T00:00:00.123456789Z\"") },
        JWSCase("an extended attribute that is not critical", nil) { $0.set("com.example.build", json: "[1,{}]") },
        JWSCase("an extended attribute that is critical") {
            $0.set("com.example.build", json: "1")
            $0.addCritical("com.example.build")
        },
        JWSCase("an unknown unprotected header", nil) {
            $0.setUnprotected("io.cncf.notary.SigningAgent", json: "\"x\"")
        },
        JWSCase("expiry, critical", nil) {
            $0.set(expiry, json: future)
            $0.addCritical(expiry)
        },
        JWSCase("plugin with a minimum version, both critical", nil) {
            $0.set(plugin, json: "\"acme\"")
            $0.set(pluginVersion, json: "\"1.0.0-rc.1+5\"")
            $0.addCritical(plugin)
            $0.addCritical(pluginVersion)
        },
        JWSCase("escapes in a name", nil) {
            $0.protected = $0.protected.map { .init($0.name, json: $0.json.replacingSlash()) }
        },
    ]

    @Test("Accepted", arguments: accepted)
    func isAccepted(_ example: JWSCase) throws {
        var recipe = JWSRecipe(EnvelopeScene.request(), chain: try TestChain.make())
        try example.change(&recipe)
        #expect(EnvelopeScene.refusal(jws: try recipe.envelope()) == nil)
    }

    static let members: [JWSCase] = [
        JWSCase("an unknown member", .malformed) { $0.extraMembers = [.init("signatures", json: "[]")] },
        JWSCase("another case of a member", .malformed) { $0.extraMembers = [.init("Payload", json: "\"e30\"")] },
        JWSCase("a member twice", .malformed) { $0.extraMembers = [.init("payload", json: "\"e30\"")] },
        JWSCase("no payload", .malformed) { $0.omitted = ["payload"] },
        JWSCase("no protected header", .malformed) { $0.omitted = ["protected"] },
        JWSCase("no signature", .malformed) { $0.omitted = ["signature"] },
        JWSCase("no unprotected header", .malformed) { $0.omitted = ["header"] },
        JWSCase("an unprotected header that is a string", .malformed) {
            $0.omitted = ["header"]
            $0.extraMembers = [.init("header", json: "\"x\"")]
        },
        JWSCase("an empty signature", .malformed) { $0.alterSignature = { _ in [] } },
        JWSCase("an empty payload", .malformed) { $0.payload = [] },
        JWSCase("padding in the payload", .malformed) { $0.alterText = { $0 == "payload" ? $1 + "=" : $1 } },
        JWSCase("padding in the signature", .malformed) { $0.alterText = { $0 == "signature" ? $1 + "==" : $1 } },
        JWSCase("padding in the protected header", .malformed) {
            $0.alterText = { $0 == "protected" ? $1 + "==" : $1 }
        },
        JWSCase("white space in the signature", .malformed) { $0.alterText = { $0 == "signature" ? $1 + " " : $1 } },
        JWSCase("stray trailing bits in the signature", .malformed) {
            // 64 bytes leave four unused bits in the last character; "A…" becomes a character with one of them set.
            $0.alterSignature = { signature in Array(signature.dropLast()) + [0] }
            $0.alterText = { $0 == "signature" ? String($1.dropLast()) + "B" : $1 }
        },
        JWSCase("the standard alphabet", .malformed) {
            $0.alterText = { $0 == "signature" ? String($1.dropLast(2)) + "+/" : $1 }
        },
        JWSCase("a protected header that is not JSON", .malformed) {
            $0.alterText = { $0 == "protected" ? "e30x" : $1 }
        },
        JWSCase("a protected header that is an array", .malformed) {
            $0.alterText = { $0 == "protected" ? "W10" : $1 }
        },
    ]

    static let algorithms: [JWSCase] = [
        JWSCase("no algorithm", .malformed) { $0.remove("alg") },
        JWSCase("algorithm none", .algorithm) { $0.set("alg", json: "\"none\"") },
        JWSCase("HMAC", .algorithm) { $0.set("alg", json: "\"HS256\"") },
        JWSCase("RSA with PKCS #1", .algorithm) { $0.set("alg", json: "\"RS256\"") },
        JWSCase("EdDSA", .algorithm) { $0.set("alg", json: "\"EdDSA\"") },
        JWSCase("another case", .algorithm) { $0.set("alg", json: "\"es256\"") },
        JWSCase("an algorithm that is a number", .malformed) { $0.set("alg", json: "-7") },
        JWSCase("an algorithm the key does not have", .algorithm) { $0.set("alg", json: "\"ES384\"") },
        JWSCase("an algorithm of another kind of key", .algorithm) { $0.set("alg", json: "\"PS256\"") },
        JWSCase("the algorithm twice", .malformed) { $0.protected.append(.init("alg", json: "\"ES256\"")) },
    ]

    static let contentAndScheme: [JWSCase] = [
        JWSCase("no content type", .header) { $0.remove("cty") },
        JWSCase("another content type", .unsupported) { $0.set("cty", json: "\"application/json\"") },
        JWSCase("another case of the content type", .unsupported) {
            $0.set("cty", json: "\"application/vnd.cncf.notary.payload.V1+json\"")
        },
        JWSCase("no scheme", .header) { $0.remove(scheme) },
        JWSCase("an unknown scheme", .unsupported) { $0.set(scheme, json: "\"notary.x509.other\"") },
        JWSCase("a scheme that is a number", .header) { $0.set(scheme, json: "1") },
        JWSCase("no signing time", .header) { $0.remove(signingTime) },
        JWSCase("a signing time that is none", .header) { $0.set(signingTime, json: "\"yesterday\"") },
        JWSCase("a signing time that is a number", .header) { $0.set(signingTime, json: "1767225600") },
        JWSCase("the zero signing time", .header) { $0.set(signingTime, json: "\"0001-01-01T00:00:00Z\"") },
        JWSCase("an authentic signing time under notary.x509", .header) { $0.set(authenticTime, json: time) },
        JWSCase("the signing authority's scheme with a signing time", .header) {
            $0.set(scheme, json: "\"notary.x509.signingAuthority\"")
            $0.set(authenticTime, json: time)
            $0.addCritical(authenticTime)
        },
        JWSCase("the signing authority's scheme without its time", .header) {
            $0.set(scheme, json: "\"notary.x509.signingAuthority\"")
            $0.remove(signingTime)
        },
        JWSCase("an expiry at the signing time", .header) {
            $0.set(expiry, json: time)
            $0.addCritical(expiry)
        },
        JWSCase("an expiry before the signing time", .header) {
            $0.set(expiry, json: "\"2025-01-01T00:00:00Z\"")
            $0.addCritical(expiry)
        },
        JWSCase("a plugin without a name", .header) {
            $0.set(plugin, json: "\" \\t\"")
            $0.addCritical(plugin)
        },
        JWSCase("a plugin that is not a string", .header) {
            $0.set(plugin, json: "{}")
            $0.addCritical(plugin)
        },
        JWSCase("a plugin version without a plugin", .header) {
            $0.set(pluginVersion, json: "\"1.0.0\"")
            $0.addCritical(pluginVersion)
        },
    ]

    static let critical: [JWSCase] = [
        JWSCase("no list of critical headers", .criticalHeaders) { $0.remove("crit") },
        JWSCase("an empty list", .criticalHeaders) { $0.set("crit", json: "[]") },
        JWSCase("a list that is none", .criticalHeaders) { $0.set("crit", json: "\"\(scheme)\"") },
        JWSCase("a list with a number", .criticalHeaders) { $0.set("crit", json: "[\"\(scheme)\",1]") },
        JWSCase("the scheme is not critical", .criticalHeaders) {
            $0.set("x", json: "1")
            $0.set("crit", json: "[\"x\"]")
        },
        JWSCase("the expiry is not critical", .criticalHeaders) { $0.set(expiry, json: future) },
        JWSCase("the plugin is not critical", .criticalHeaders) { $0.set(plugin, json: "\"acme\"") },
        JWSCase("the plugin version is not critical", .criticalHeaders) {
            $0.set(plugin, json: "\"acme\"")
            $0.set(pluginVersion, json: "\"1.0.0\"")
            $0.addCritical(plugin)
        },
        JWSCase("a header that is not there", .criticalHeaders) { $0.addCritical("com.example.absent") },
        JWSCase("the algorithm is critical", .criticalHeaders) { $0.addCritical("alg") },
        JWSCase("the content type is critical", .criticalHeaders) { $0.addCritical("cty") },
        JWSCase("the list names itself", .criticalHeaders) { $0.addCritical("crit") },
        JWSCase("the signing time is critical", .criticalHeaders) { $0.addCritical(signingTime) },
        JWSCase("an unprotected header is critical", .criticalHeaders) { $0.addCritical("x5c") },
        JWSCase("a name twice", .criticalHeaders) { $0.addCritical(scheme) },
    ]

    static let keysFromElsewhere: [JWSCase] =
        ["jku", "jwk", "kid", "x5u", "x5t", "x5t#S256", "b64", "zip", "enc", "x5c"].map { name in
            JWSCase("protected \(name)", .header) { $0.set(name, json: "\"x\"") }
        }
        + ["jku", "jwk", "kid", "x5u", "x5t", "b64", "alg", "crit", scheme, expiry].map { name in
            JWSCase("unprotected \(name)", .header) { $0.setUnprotected(name, json: "\"x\"") }
        } + [
            JWSCase("a header in both places", .header) {
                $0.set("com.example", json: "1")
                $0.setUnprotected("com.example", json: "1")
            }
        ]

    static let certificates: [JWSCase] = [
        JWSCase("no certificates", .chain) { $0.setUnprotected("x5c", json: "[]") },
        JWSCase("certificates that are a string", .chain) { $0.setUnprotected("x5c", json: "\"AA==\"") },
        JWSCase("a certificate that is a number", .certificate) { $0.setUnprotected("x5c", json: "[1]") },
        JWSCase("a certificate in base64url", .malformed) { $0.setUnprotected("x5c", json: "[\"-_8\"]") },
        JWSCase("a certificate that is none", .certificate) { $0.setUnprotected("x5c", json: "[\"AAAA\"]") },
        JWSCase("too many certificates", .limitExceeded) {
            $0.setUnprotected("x5c", json: "[" + Array(repeating: "\"AAAA\"", count: 11).joined(separator: ",") + "]")
        },
        JWSCase("a certificate beyond the limit", .limitExceeded) {
            $0.setUnprotected("x5c", json: "[\"\(String(repeating: "A", count: 88_000))\"]")
        },
        JWSCase("a timestamp that is a number", .header) {
            $0.setUnprotected("io.cncf.notary.timestampSignature", json: "1")
        },
        JWSCase("a timestamp that is not base64", .malformed) {
            $0.setUnprotected("io.cncf.notary.timestampSignature", json: "\"~\"")
        },
        JWSCase("a signing agent that is a number", .header) {
            $0.setUnprotected("io.cncf.notary.signingAgent", json: "1")
        },
    ]

    static let signatures: [JWSCase] = [
        JWSCase("ECDSA in DER", .signature) { $0.flavour = .der },
        JWSCase("one bit of the signature", .signature) { $0.alterSignature = { [$0[0] ^ 1] + $0.dropFirst() } },
        JWSCase("a signature that is too long", .signature) { $0.alterSignature = { $0 + [0] } },
        JWSCase("a signature that is too short", .signature) { $0.alterSignature = { Array($0.dropLast()) } },
        JWSCase("a signature of zeroes", .signature) { $0.alterSignature = { $0.map { _ in 0 } } },
        JWSCase("a huge signature", .limitExceeded) { $0.alterSignature = { _ in Array(repeating: 1, count: 4096) } },
        JWSCase("the key of another", .signature) { $0.key = try TestKey.shared(.p256, 99) },
        JWSCase("another payload", .signature) {
            $0.alterText = { $0 == "payload" ? JWSRecipe.base64URL(Array("{}".utf8)) : $1 }
        },
    ]

    static let payloads: [JWSCase] = [
        ("not JSON", "x"), ("an array", "[]"), ("no target", "{}"),
        ("a target that is a string", #"{"targetArtifact":"x"}"#),
        ("a target twice", #"{"targetArtifact":{},"targetArtifact":{}}"#),
        ("no digest", #"{"targetArtifact":{"mediaType":"a/b","size":1}}"#),
        ("no media type", #"{"targetArtifact":{"digest":"sha256:x","size":1}}"#),
        ("no size", #"{"targetArtifact":{"mediaType":"a/b","digest":"sha256:x"}}"#),
        ("a negative size", #"{"targetArtifact":{"mediaType":"a/b","digest":"sha256:x","size":-1}}"#),
        ("a fractional size", #"{"targetArtifact":{"mediaType":"a/b","digest":"sha256:x","size":1.5}}"#),
        ("a size in quotes", #"{"targetArtifact":{"mediaType":"a/b","digest":"sha256:x","size":"1"}}"#),
        (
            "annotations that are a list",
            #"{"targetArtifact":{"mediaType":"a/b","digest":"x","size":1,"annotations":[]}}"#
        ),
        (
            "an annotation that is a number",
            #"{"targetArtifact":{"mediaType":"a/b","digest":"x","size":1,"annotations":{"a":1}}}"#
        ),
        ("something after it", #"{"targetArtifact":{"mediaType":"a/b","digest":"sha256:x","size":1}} x"#),
        ("deep nesting", String(repeating: "[", count: 100_00)),
    ].map { name, text in JWSCase("payload: \(name)", .malformed) { $0.payload = Array(text.utf8) } }

    @Test(
        "Refused with the right code",
        arguments: members + algorithms + contentAndScheme + critical + keysFromElsewhere + certificates + signatures
            + payloads
    )
    func isRefused(_ example: JWSCase) throws {
        var recipe = JWSRecipe(EnvelopeScene.request(), chain: try TestChain.make())
        try example.change(&recipe)
        let error = EnvelopeScene.refusal(jws: try recipe.envelope())
        #expect(error?.code == example.code, "\(error?.message ?? "accepted")")
    }

    @Test(
        "A plugin version must be semantic",
        arguments: [
            "", "1", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0-a..b", "1.0.0-é", "x",
        ]
    )
    func pluginVersions(version: String) throws {
        var request = EnvelopeScene.request()
        request.plugin = "acme"
        request.pluginMinVersion = version
        let bytes = try JWSRecipe(request, chain: TestChain.make()).envelope()
        #expect(EnvelopeScene.refusal(jws: bytes)?.code == .header)
    }

    @Test("RSA with PKCS #1 under the name of PSS is refused")
    func pkcs1() throws {
        var recipe = JWSRecipe(EnvelopeScene.request(), chain: try TestChain.make(.rsa2048))
        recipe.flavour = .pkcs1
        #expect(EnvelopeScene.refusal(jws: try recipe.envelope())?.code == .signature)
        recipe.flavour = .proper
        recipe.set("alg", json: "\"PS384\"")
        #expect(EnvelopeScene.refusal(jws: try recipe.envelope())?.code == .algorithm)
    }

    @Test("What is not JSON at all is refused", arguments: ["", "{", "null", "[]", "\u{FEFF}{}", "{}", "x"])
    func notAnEnvelope(text: String) {
        #expect(EnvelopeScene.refusal(jws: Array(text.utf8))?.code == .malformed)
    }

    @Test("An envelope beyond the limit is refused unread")
    func tooLarge() {
        let bytes = [UInt8](repeating: 0x20, count: SigningLimits.envelopeBytes + 1)
        #expect(EnvelopeScene.refusal(jws: bytes)?.code == .limitExceeded)
    }

    @Test("Everything an envelope says is read")
    func contents() throws {
        var request = EnvelopeScene.request().bySigningAuthority(at: Date(timeIntervalSince1970: 1_767_225_600))
        request.expiry = Date(timeIntervalSince1970: 1_800_000_000)
        request.timestampToken = [1, 2, 3]
        request.plugin = "acme"
        request.pluginMinVersion = "1.2.3"
        let chain = try TestChain.make()
        var recipe = JWSRecipe(request, chain: chain)
        recipe.set("com.example.a", json: "1")
        recipe.set("com.example.b", json: "1")
        recipe.addCritical("com.example.b")
        let claims = try UnverifiedEnvelope(jws: try recipe.envelope()).claims
        #expect(claims.algorithm == .es256)
        #expect(claims.scheme == .signingAuthority)
        #expect(claims.signingTime == nil)
        #expect(claims.authenticSigningTime == Date(timeIntervalSince1970: 1_767_225_600))
        #expect(claims.expiry == request.expiry)
        #expect(claims.verificationPlugin == "acme")
        #expect(claims.verificationPluginMinVersion == "1.2.3")
        #expect(claims.extendedAttributes.map(\.label) == [.text("com.example.a"), .text("com.example.b")])
        #expect(claims.extendedAttributes.map(\.isCritical) == [false, true])
        #expect(claims.contentType == NotaryEnvelope.payloadMediaType)
        #expect(claims.payload == request.payload)
        #expect(claims.certificates == chain.der)
        #expect(claims.timestampToken == [1, 2, 3])
        #expect(claims.signingAgent == "test-kit/1.0")
    }
}

extension JWSCase {
    init(_ name: String, _ change: @escaping @Sendable (inout JWSRecipe) throws -> Void) {
        self.init(name, nil, change)
    }
}

extension String {
    fileprivate func replacingSlash() -> String {
        split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")
    }
}
