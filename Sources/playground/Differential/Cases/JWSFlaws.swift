import SigningTestKit

/// Flaws that JSON and base64 make possible.
extension EnvelopeFlaw {
    static let ofJWS: [EnvelopeFlaw] = ofMembers + ofJOSEHeaders + ofBase64 + ofCertificateHeader + ofTimeForms

    private static let ofMembers: [EnvelopeFlaw] = [
        .jws("without-payload", .refused(.integrity)) { $0.omitted = ["payload"] },
        .jws("without-protected", .refused(.integrity)) { $0.omitted = ["protected"] },
        .jws("without-header", .refused(.integrity)) { $0.omitted = ["header"] },
        .jws("without-signature", .refused(.integrity)) { $0.omitted = ["signature"] },
        .jws("unknown-member", .stricter(.unknownEnvelopeMember)) { $0.extraMembers = [.init("more", json: "1")] },
        .jws("general-serialisation-beside-it", .stricter(.unknownEnvelopeMember)) {
            $0.extraMembers = [.init("signatures", json: "[]")]
        },
        .jws("member-twice", .stricter(.duplicateJSONMember)) { recipe in
            recipe.extraMembers = [
                .init("payload", json: "\"\(JWSRecipe.base64URL(recipe.payload))\"")
            ]
        }.sampled,
        .text("member-in-upper-case", .stricter(.memberNameCase)) {
            $0.replacing("\"payload\":", with: "\"Payload\":")
        },
        .text("content-after-it", .refused(.integrity)) { $0 + "x" },
        .text("another-document-after-it", .refused(.integrity)) { $0 + "{}" },
        .text("white-space-around-it", .accepted()) { " \n" + $0 + "\n\t" },
        .text("byte-order-mark", .refused(.integrity)) { "\u{FEFF}" + $0 },
        .text("in-an-array", .refused(.integrity)) { "[\($0)]" },
        .text("cut-off", .refused(.integrity)) { String($0.dropLast(20)) },
        .text("compact-serialisation", .refused(.integrity)) { _ in "eyJhbGciOiJFUzI1NiJ9.e30.AAAA" },
        .text("empty", .refused(.integrity)) { _ in "" },
        .jws("two-megabytes", .stricter(.sizeLimit)) {
            $0.setUnprotected("filling", json: "\"\(String(repeating: "a", count: 2 << 20))\"")
        },
    ]

    private static let ofJOSEHeaders: [EnvelopeFlaw] = [
        .jws("header-twice", .stricter(.duplicateJSONMember)) { $0.protected.append($0.protected[0]) },
        .jws("content-type-twice", .stricter(.duplicateJSONMember)) {
            $0.protected.insert(.init("cty", json: "\"text/plain\""), at: 1)
        },
        .jws("unprotected-header-twice", .stricter(.duplicateJSONMember)) { $0.unprotected.append($0.unprotected[0]) },
        .jws("header-in-upper-case", .stricter(.memberNameCase)) { recipe in
            for index in recipe.protected.indices where recipe.protected[index].name == "cty" {
                recipe.protected[index].name = "CTY"
            }
        },
        .jws("key-address", .stricter(.foreignKeyHeader)) { $0.set("jku", json: "\"https://example.com\"") },
        .jws("key-identifier", .stricter(.foreignKeyHeader)) { $0.set("kid", json: "\"1\"") },
        .jws("key-inside", .stricter(.foreignKeyHeader)) { $0.set("jwk", json: "{}") },
        .jws("certificate-address", .stricter(.foreignKeyHeader)) { $0.set("x5u", json: "\"https://example.com\"") },
        .jws("payload-not-encoded", .stricter(.foreignKeyHeader)) { $0.set("b64", json: "true") },
        .jws("algorithm-outside-too", .stricter(.headerInBothPlaces)) { $0.setUnprotected("alg", json: "\"none\"") },
        .jws("scheme-outside-too", .stricter(.headerInBothPlaces)) {
            $0.setUnprotected(NotaryName.scheme, json: "\"notary.x509\"")
        },
        .jws("expiry-outside", .stricter(.headerInBothPlaces)) {
            $0.setUnprotected(NotaryName.expiry, json: "\"2034-01-01T00:00:00Z\"")
        },
        .jws("unknown-header-outside", .accepted()) { $0.setUnprotected("example.com/x", json: "1") },
    ]

    private static let ofBase64: [EnvelopeFlaw] = [
        .altered("signature", "signature-padded", .refused(.integrity)) { $0 + "==" },
        .altered("payload", "payload-padded", .refused(.integrity)) { $0 + "=" },
        .altered("signature", "signature-with-line-break", .stricter(.base64Form)) {
            $0.prefix(20) + "\n" + $0.dropFirst(20)
        },
        .altered("signature", "signature-with-space", .refused(.integrity)) { $0.prefix(20) + " " + $0.dropFirst(20) },
        // 64 bytes leave four bits of the last character unused.
        .altered("signature", "signature-with-unused-bits", .stricter(.base64Form)) { text in
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            guard let last = text.last, let value = alphabet.firstIndex(of: last) else { return text }
            return text.dropLast() + String(alphabet[value | 1])
        },
        .altered("signature", "signature-in-the-other-alphabet", .refused(.integrity)) { text in
            "+/" + text.dropFirst(2)
        },
    ]

    private static func altered(
        _ member: String,
        _ name: String,
        _ expected: Expected,
        _ change: @escaping @Sendable (String) -> String
    ) -> EnvelopeFlaw {
        .jws(name, expected) { $0.alterText = { $0 == member ? change($1) : $1 } }
    }

    private static let ofCertificateHeader: [EnvelopeFlaw] = [
        .jws("chain-missing", .refused(.integrity)) { $0.unprotected.removeAll { $0.name == "x5c" } },
        .jws("chain-empty", .refused(.integrity)) { $0.setUnprotected("x5c", json: "[]") },
        .jws("chain-null", .refused(.integrity)) { $0.setUnprotected("x5c", json: "null") },
        .jws("chain-of-rubbish", .refused(.integrity)) { $0.setUnprotected("x5c", json: "[\"AAAA\"]") },
        .jws("chain-as-text", .refused(.integrity)) { recipe in
            guard let chain = recipe.unprotected.first(where: { $0.name == "x5c" })?.json else { return }
            recipe.setUnprotected("x5c", json: String(chain.dropFirst().dropLast()))
        },
        .jws("chain-in-base64url", .refused(.integrity)) { recipe in
            guard let chain = recipe.unprotected.first(where: { $0.name == "x5c" })?.json else { return }
            let text = chain.replacing("\\/", with: "/").replacing("+", with: "-").replacing("/", with: "_")
            recipe.setUnprotected("x5c", json: text)
        },
        .jws("chain-with-line-breaks", .stricter(.base64Form)) { recipe in
            guard let chain = recipe.unprotected.first(where: { $0.name == "x5c" })?.json else { return }
            recipe.setUnprotected("x5c", json: "[\"" + chain.dropFirst(2).prefix(64) + "\\n" + chain.dropFirst(66))
        },
    ]

    private static let ofTimeForms: [EnvelopeFlaw] = [
        .time("time-with-offset", "2026-01-01T08:00:00+08:00", .accepted()),
        .time("time-with-fraction", "2026-01-01T00:00:00.123456789Z", .accepted()),
        .time("time-without-zone", "2026-01-01T00:00:00", .refused(.integrity)),
        .time("time-with-space", "2026-01-01 00:00:00Z", .refused(.integrity)),
        .time("time-of-no-day", "2026-02-30T00:00:00Z", .refused(.integrity)),
        .time("time-with-hour-24", "2026-01-01T24:00:00Z", .refused(.integrity)),
        .time("time-with-comma", "2026-01-01T00:00:00,5Z", .stricter(.timeForm)),
        .time("time-in-lower-case", "2026-01-01t00:00:00z", .refused(.integrity)),
        .time("time-of-one-digit", "2026-01-01T0:00:00Z", .stricter(.timeForm)),
        .time("time-with-large-offset", "2026-01-01T00:00:00+24:00", .stricter(.timeForm)),
        .time("time-zero", "0001-01-01T00:00:00Z", .refused(.integrity)),
        .jws("time-as-number", .refused(.integrity)) { $0.set(NotaryName.signingTime, json: "1767225600") }.only(.x509),
        .jws("time-null", .refused(.integrity)) { $0.set(NotaryName.signingTime, json: "null") }.only(.x509),
    ]

    private static func time(_ name: String, _ text: String, _ expected: Expected) -> EnvelopeFlaw {
        .jws(name, expected) { $0.set(NotaryName.signingTime, json: "\"\(text)\"") }.only(.x509)
    }
}
