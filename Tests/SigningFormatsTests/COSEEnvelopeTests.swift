import FoundationEssentials
import SigningFormats
import SigningTestKit
import Testing

/// One way to make an envelope, and what must come of it.
struct COSECase: Sendable, CustomTestStringConvertible {
    let name: String
    let code: SigningFormatError.Code?
    let change: @Sendable (inout COSERecipe) throws -> Void
    var testDescription: String { name }

    init(
        _ name: String,
        _ code: SigningFormatError.Code?,
        _ change: @escaping @Sendable (inout COSERecipe) throws -> Void
    ) {
        self.name = name
        self.code = code
        self.change = change
    }
}

@Suite("COSE envelopes")
struct COSEEnvelopeTests {
    private static let alg = TestCBOR.integer(1)
    private static let crit = TestCBOR.integer(2)
    private static let cty = TestCBOR.integer(3)
    private static let x5chain = TestCBOR.integer(33)
    private static let scheme = TestCBOR.text("io.cncf.notary.signingScheme")
    private static let signingTime = TestCBOR.text("io.cncf.notary.signingTime")
    private static let authenticTime = TestCBOR.text("io.cncf.notary.authenticSigningTime")
    private static let expiry = TestCBOR.text("io.cncf.notary.expiry")
    private static let plugin = TestCBOR.text("io.cncf.notary.verificationPlugin")
    private static let token = TestCBOR.text("io.cncf.notary.timestampSignature")
    private static let moment = TestCBOR.integer(1_767_225_600)
    private static let later = TestCBOR.tagged(1, .integer(1_800_000_000))

    static let accepted: [COSECase] = [
        COSECase("as it should be", nil) { _ in },
        COSECase("the signing time is critical", nil) { $0.addCritical(signingTime) },
        COSECase("algorithm and content type are critical", nil) {
            $0.addCritical(alg)
            $0.addCritical(cty)
        },
        COSECase("extended attributes with both kinds of labels", nil) {
            $0.set(.integer(-70_000), .map([.init(.text("a"), .double(1.5))]))
            $0.set(.text("com.example"), .bool(true))
            $0.addCritical(.integer(-70_000))
        },
        COSECase("an unprotected key identifier, which is ignored", nil) {
            $0.setUnprotected(.integer(4), .bytes([1]))
        },
        COSECase("lengths that are not the shortest", nil) {
            $0.assemble = { .array([.long($0[0]), .long($0[1]), .long($0[2]), .long($0[3])]) }
        },
        COSECase("expiry, critical", nil) {
            $0.set(expiry, later)
            $0.addCritical(expiry)
        },
    ]

    @Test("Accepted", arguments: accepted)
    func isAccepted(_ example: COSECase) throws {
        var recipe = COSERecipe(EnvelopeScene.request(), chain: try TestChain.make())
        try example.change(&recipe)
        let error = EnvelopeScene.refusal(cose: try recipe.envelope())
        #expect(error == nil)
    }

    static let shapes: [COSECase] = [
        COSECase("no tag", .malformed) { $0.prefix = [] },
        COSECase("tag 18 in two bytes", .malformed) { $0.prefix = [0xD8, 0x12] },
        COSECase("tag 98", .malformed) { $0.prefix = [0xD8, 0x62] },
        COSECase("tag 17", .malformed) { $0.prefix = [0xD1] },
        COSECase("two tags", .malformed) { $0.prefix = [0xD2, 0xD2] },
        COSECase("a self-described tag around it", .malformed) { $0.prefix = [0xD9, 0xD9, 0xF7, 0xD2] },
        COSECase("an array of indefinite length", .malformed) { $0.assemble = { .indefiniteArray($0) } },
        COSECase("an array of five", .malformed) { $0.assemble = { .array($0 + [.null]) } },
        COSECase("an array of three", .malformed) { $0.assemble = { .array(Array($0.dropLast())) } },
        COSECase("the array's length in two bytes", .malformed) {
            $0.assemble = { .raw([0x98, 0x04] + $0.flatMap(\.encoded)) }
        },
        COSECase("a detached payload", .malformed) { $0.payloadItem = .null },
        COSECase("an empty payload", .malformed) { $0.payloadItem = .bytes([]) },
        COSECase("a payload that is text", .malformed) { $0.payloadItem = .text("{}") },
        COSECase("a tagged payload", .malformed) { $0.payloadItem = .tagged(24, .bytes(Array("{}".utf8))) },
        COSECase("an empty signature", .malformed) { $0.alterSignature = { _ in [] } },
        COSECase("something after it", .malformed) { $0.assemble = { .raw(TestCBOR.array($0).encoded + [0x00]) } },
        COSECase("a protected header that is a map", .malformed) {
            $0.assemble = { .array([.map([])] + $0.dropFirst()) }
        },
        COSECase("a protected header that is empty", .malformed) {
            $0.assemble = { .array([.bytes([])] + $0.dropFirst()) }
        },
        COSECase("a protected header with something after it", .malformed) {
            $0.assemble = { items in
                guard case .bytes(let header) = items[0] else { return .array(items) }
                return .array([.bytes(header + [0x00])] + items.dropFirst())
            }
        },
        COSECase("an unprotected header that is an array", .malformed) {
            $0.assemble = { .array([$0[0], .array([]), $0[2], $0[3]]) }
        },
        COSECase("a huge signature", .limitExceeded) { $0.alterSignature = { _ in Array(repeating: 1, count: 4096) } },
    ]

    static let labels: [COSECase] = [
        COSECase("a label twice", .malformed) { $0.protected.append(.init(alg, .integer(-7))) },
        COSECase("a label twice, once in a longer form", .malformed) {
            $0.protected.append(.init(.long(.integer(1)), .integer(-7)))
        },
        COSECase("an unprotected label twice", .malformed) { $0.unprotected.append(.init(x5chain, .array([]))) },
        COSECase("a label in both places", .header) { $0.setUnprotected(cty, .text("a/b")) },
        COSECase("certificates in both places", .header) { $0.set(x5chain, .array([])) },
        COSECase("a scheme outside the protected header", .header) {
            $0.remove(scheme)
            $0.setUnprotected(scheme, .text("notary.x509"))
        },
        COSECase("an expiry outside the protected header", .header) { $0.setUnprotected(expiry, .integer(1)) },
        COSECase("a label of bytes", .malformed) { $0.set(.bytes([1]), .null) },
        COSECase("a label that is no 64-bit integer", .malformed) {
            $0.set(.raw([0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), .null)
        },
        COSECase("an unprotected label of bytes", .malformed) { $0.setUnprotected(.bytes([1]), .null) },
        COSECase("both initialisation vectors", .header) {
            $0.setUnprotected(.integer(5), .bytes([1]))
            $0.set(.integer(6), .bytes([1]))
        },
        COSECase("a tag in an extended attribute", .malformed) { $0.set(.text("x"), .tagged(1, .integer(1))) },
        COSECase("a tag inside an extended attribute", .malformed) {
            $0.set(.text("x"), .array([.tagged(0, .text("x"))]))
        },
        COSECase("a tag in the unprotected header", .malformed) {
            $0.setUnprotected(.text("x"), .tagged(1, .integer(1)))
        },
    ]

    static let values: [COSECase] = [
        COSECase("no algorithm", .malformed) { $0.remove(alg) },
        COSECase("an algorithm by name", .malformed) { $0.set(alg, .text("ES256")) },
        COSECase("RSA with PKCS #1", .algorithm) { $0.set(alg, .integer(-257)) },
        COSECase("HMAC", .algorithm) { $0.set(alg, .integer(5)) },
        COSECase("an algorithm the key does not have", .algorithm) { $0.set(alg, .integer(-35)) },
        COSECase("no content type", .header) { $0.remove(cty) },
        COSECase("a content format by number", .header) { $0.set(cty, .integer(50)) },
        COSECase("another content type", .unsupported) { $0.set(cty, .text("application/json")) },
        COSECase("a content type with spaces", .unsupported) {
            $0.set(cty, .text(" application/vnd.cncf.notary.payload.v1+json"))
        },
        COSECase("no scheme", .header) { $0.remove(scheme) },
        COSECase("an unknown scheme", .unsupported) { $0.set(scheme, .text("notary")) },
        COSECase("no signing time", .header) { $0.remove(signingTime) },
        COSECase("a time without a tag", .header) { $0.set(signingTime, moment) },
        COSECase("a time with tag 0", .header) { $0.set(signingTime, .tagged(0, .text("2026-01-01T00:00:00Z"))) },
        COSECase("a time in fractions", .header) { $0.set(signingTime, .tagged(1, .double(1_767_225_600.5))) },
        COSECase("a time in a longer tag of another number", .header) { $0.set(signingTime, .tagged(1001, moment)) },
        COSECase("a time with two tags", .header) { $0.set(signingTime, .tagged(1, .tagged(1, moment))) },
        COSECase("a time beyond the year 9999", .header) { $0.set(signingTime, .tagged(1, .integer(253_402_300_800))) },
        COSECase("an authentic signing time under notary.x509", .header) {
            $0.set(authenticTime, .tagged(1, moment))
            $0.addCritical(authenticTime)
        },
        COSECase("a plugin that is bytes", .header) {
            $0.set(plugin, .bytes([1]))
            $0.addCritical(plugin)
        },
        COSECase("no list of critical headers", .criticalHeaders) { $0.remove(crit) },
        COSECase("an empty list", .criticalHeaders) { $0.set(crit, .array([])) },
        COSECase("a list that is none", .criticalHeaders) { $0.set(crit, scheme) },
        COSECase("a list of bytes", .malformed) { $0.set(crit, .array([.bytes([1])])) },
        COSECase("the scheme is not critical", .criticalHeaders) { $0.set(crit, .array([alg])) },
        COSECase("the expiry is not critical", .criticalHeaders) { $0.set(expiry, later) },
        COSECase("the list names itself", .criticalHeaders) { $0.addCritical(crit) },
        COSECase("a critical header that is not there", .criticalHeaders) { $0.addCritical(.integer(99)) },
        COSECase("the text \"1\" for the label 1", .criticalHeaders) { $0.addCritical(.text("1")) },
        COSECase("an unprotected header is critical", .criticalHeaders) { $0.addCritical(x5chain) },
        COSECase("a name twice", .criticalHeaders) { $0.addCritical(scheme) },
    ]

    static let certificates: [COSECase] = [
        COSECase("no certificates", .chain) { $0.unprotected = [] },
        COSECase("certificates in the protected header only", .chain) {
            let chain = $0.unprotected[0].value
            $0.unprotected = []
            $0.set(x5chain, chain)
        },
        COSECase("a lone byte string", .chain) {
            guard case .array(let chain) = $0.unprotected[0].value else { return }
            $0.setUnprotected(x5chain, chain[0])
        },
        COSECase("an empty array", .chain) { $0.setUnprotected(x5chain, .array([])) },
        COSECase("certificates in text", .certificate) { $0.setUnprotected(x5chain, .array([.text("AA==")])) },
        COSECase("an empty certificate", .certificate) { $0.setUnprotected(x5chain, .array([.bytes([])])) },
        COSECase("too many certificates", .limitExceeded) {
            $0.setUnprotected(x5chain, .array(Array(repeating: .bytes([0x30, 0x00]), count: 11)))
        },
        COSECase("a timestamp that is text", .header) { $0.setUnprotected(token, .text("x")) },
        COSECase("a timestamp beyond the limit", .header) {
            $0.setUnprotected(token, .bytes(Array(repeating: 0, count: SigningLimits.timestampTokenBytes + 1)))
        },
    ]

    static let signatures: [COSECase] = [
        COSECase("ECDSA in DER", .signature) { $0.flavour = .der },
        COSECase("one bit of the signature", .signature) { $0.alterSignature = { [$0[0] ^ 1] + $0.dropFirst() } },
        COSECase("a signature that is too long", .signature) { $0.alterSignature = { [0] + $0 } },
        COSECase("the key of another", .signature) { $0.key = try TestKey.shared(.p256, 99) },
        COSECase("another payload", .signature) { $0.payloadItem = .bytes(Array("{}".utf8)) },
        COSECase("an altered header", .signature) {
            $0.assemble = { items in
                guard case .bytes(var header) = items[0], let last = header.indices.last else { return .array(items) }
                header[last] ^= 1
                return .array([.bytes(header)] + items.dropFirst())
            }
        },
    ]

    @Test("Refused with the right code", arguments: shapes + labels + values + certificates + signatures)
    func isRefused(_ example: COSECase) throws {
        var recipe = COSERecipe(EnvelopeScene.request(), chain: try TestChain.make())
        try example.change(&recipe)
        let error = EnvelopeScene.refusal(cose: try recipe.envelope())
        #expect(error?.code == example.code, "\(error?.message ?? "accepted")")
    }

    @Test("An envelope beyond the limit is refused unread")
    func tooLarge() {
        let bytes = [0xD2, 0x84] + [UInt8](repeating: 0, count: SigningLimits.envelopeBytes)
        #expect(EnvelopeScene.refusal(cose: bytes)?.code == .limitExceeded)
    }

    @Test("Both formats of the same request say the same")
    func sameContents() throws {
        var request = EnvelopeScene.request()
        request.expiry = Date(timeIntervalSince1970: 1_800_000_000)
        request.timestampToken = [1, 2, 3]
        let chain = try TestChain.make()
        let jws = try UnverifiedEnvelope(jws: JWSRecipe(request, chain: chain).envelope()).claims
        let cose = try UnverifiedEnvelope(cose: COSERecipe(request, chain: chain).envelope()).claims
        #expect(jws.algorithm == cose.algorithm)
        #expect(jws.signingTime == cose.signingTime)
        #expect(jws.expiry == cose.expiry)
        #expect(jws.payload == cose.payload)
        #expect(jws.certificates == cose.certificates)
        #expect(jws.timestampToken == cose.timestampToken)
        #expect(jws.signingAgent == cose.signingAgent)
        #expect(jws.scheme == cose.scheme)
    }
}
