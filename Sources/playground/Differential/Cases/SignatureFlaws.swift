import FoundationEssentials
import SigningTestKit

/// Flaws of the signature value, the algorithm and what is signed: authenticity of the bytes.
extension EnvelopeFlaw {
    static let ofSignatures: [EnvelopeFlaw] = [
        .both(
            "payload-altered",
            .refused(.integrity),
            jws: { recipe in
                let other = JWSRecipe.base64URL(recipe.payload + [0x20])
                recipe.alterText = { $0 == "payload" ? other : $1 }
            },
            cose: { $0.payloadItem = .bytes($0.payload + [0x20]) }
        ).sampled,
        .both(
            "protected-altered",
            .refused(.integrity),
            jws: { recipe in
                let other = recipe.protected.map { "\"\($0.name)\": \($0.json)" }.joined(separator: ", ")
                recipe.alterText = { $0 == "protected" ? JWSRecipe.base64URL(Array("{\(other)}".utf8)) : $1 }
            },
            cose: { recipe in
                let pairs = recipe.protected + [TestCBOR.Pair(.text("more"), .integer(1))]
                recipe.assemble = { .array([.bytes(TestCBOR.map(pairs).encoded)] + $0.dropFirst()) }
            }
        ),
        .signature("signature-altered") { bytes in
            bytes.enumerated().map { $0.offset == bytes.count / 2 ? $0.element ^ 0x10 : $0.element }
        }.sampled,
        .signature("signature-truncated") { Array($0.dropLast()) },
        .signature("signature-longer") { $0 + [0] },
        .signature("signature-zero") { [UInt8](repeating: 0, count: $0.count) },
        .signature("signature-empty") { _ in [] },
        .both(
            "signed-by-another-key",
            .refused(.integrity),
            jws: { recipe in if let key = try? TestKey.shared(.p256, 77) { recipe.key = key } },
            cose: { recipe in if let key = try? TestKey.shared(.p256, 77) { recipe.key = key } }
        ),
        .flavour("ecdsa-signature-in-der", .der),
        .flavour("rsa-signature-with-pkcs1", .pkcs1).with(.rsa2048),
        // notation leaves the length of the salt open in JWS, and does not in COSE.
        .flavour("pss-salt-of-20-bytes", .shortSalt, .stricter(.saltLength)).inCOSE(.refused(.integrity)).with(.rsa2048)
            .sampled,
        .flavour("pss-salt-of-20-bytes-rsa4096", .shortSalt, .stricter(.saltLength)).inCOSE(.refused(.integrity))
            .with(.rsa4096),
        .algorithm("algorithm-of-a-larger-curve", jose: "ES384", cose: -35).sampled,
        .algorithm("algorithm-of-rsa", jose: "PS256", cose: -37),
        .algorithm("algorithm-of-a-longer-hash", jose: "PS384", cose: -38).with(.rsa2048),
        .algorithm("algorithm-none", jose: "none", cose: 0),
        .algorithm("algorithm-hmac", jose: "HS256", cose: 5),
        .algorithm("algorithm-rsa-pkcs1", jose: "RS256", cose: -257).with(.rsa2048),
        .algorithm("algorithm-eddsa", jose: "EdDSA", cose: -8),
        .jws("algorithm-in-lower-case", .refused(.integrity)) { $0.set("alg", json: "\"es256\"") },
        .both(
            "algorithm-missing",
            .refused(.integrity),
            jws: { $0.remove("alg") },
            cose: { $0.remove(.integer(1)) }
        ),
        .cose("algorithm-as-text", .refused(.integrity)) { $0.set(.integer(1), .text("ES256")) },
    ]

    private static func signature(
        _ name: String,
        _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> EnvelopeFlaw {
        .both(name, .refused(.integrity), jws: { $0.alterSignature = change }, cose: { $0.alterSignature = change })
    }

    private static func flavour(
        _ name: String,
        _ flavour: TestKey.Flavour,
        _ expected: Expected = .refused(.integrity)
    ) -> EnvelopeFlaw {
        .both(name, expected, jws: { $0.flavour = flavour }, cose: { $0.flavour = flavour })
    }

    private static func algorithm(_ name: String, jose: String, cose: Int) -> EnvelopeFlaw {
        .both(
            name,
            .refused(.integrity),
            jws: { $0.set("alg", json: "\"\(jose)\"") },
            cose: { $0.set(.integer(1), .integer(cose)) }
        )
    }
}
