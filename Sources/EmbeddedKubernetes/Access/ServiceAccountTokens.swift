internal import Crypto
internal import FoundationEssentials
internal import JSONModel

/// Makes and checks the tokens of service accounts: JWTs signed with a key of this cluster alone (ES256, RFC 7518).
struct ServiceAccountTokens: Sendable {
    /// What a token says.
    struct Claims: Sendable, Hashable {
        /// An object that the token is good for no longer than.
        struct Bound: Sendable, Hashable {
            /// `pod`, `secret` or `node`.
            var kind: String
            var name: String
            var uid: String
        }

        var namespace: String
        var serviceAccount: String
        var uid: String
        var bound: Bound?
        var audiences: [String]
        /// Seconds since 1970.
        var issuedAt: Int64
        var expires: Int64
        var id: String

        var subject: String { "system:serviceaccount:\(namespace):\(serviceAccount)" }
    }

    /// Who the tokens say they are from, and the audience of this API server.
    static let issuer = "https://kubernetes.default.svc"
    /// No token is longer.
    private static let maximumSize = 16_384

    private let key = P256.Signing.PrivateKey()

    /// The name of the key: a digest of its public half.
    var keyID: String { Self.base64URL(Array(SHA256.hash(data: key.publicKey.derRepresentation))) }

    /// The public key, as `/openid/v1/jwks` shows it (RFC 7517).
    var keySet: JSONValue {
        let point = Array(key.publicKey.rawRepresentation)
        return [
            "keys": [
                [
                    "use": "sig", "kty": "EC", "kid": .string(keyID), "crv": "P-256", "alg": "ES256",
                    "x": .string(Self.base64URL(Array(point.prefix(32)))),
                    "y": .string(Self.base64URL(Array(point.suffix(32)))),
                ]
            ]
        ]
    }

    /// A signed token.
    ///
    /// - Throws: a 500 ``APIFailure`` when the key cannot sign.
    func issue(_ claims: Claims) throws(APIFailure) -> String {
        let header: JSONValue = ["alg": "ES256", "kid": .string(keyID)]
        let serializer = JSONSerializer()
        let text =
            Self.base64URL(serializer.bytes(header)) + "." + Self.base64URL(serializer.bytes(Self.payload(claims)))
        do {
            let signature = try key.signature(for: Array(text.utf8))
            return text + "." + Self.base64URL(Array(signature.rawRepresentation))
        } catch {
            throw APIFailure(500, "InternalError", "Internal error occurred: the token could not be signed")
        }
    }

    private static func payload(_ claims: Claims) -> JSONValue {
        var kubernetes: [String: JSONValue] = [
            "namespace": .string(claims.namespace),
            "serviceaccount": ["name": .string(claims.serviceAccount), "uid": .string(claims.uid)],
        ]
        if let bound = claims.bound {
            kubernetes[bound.kind] = ["name": .string(bound.name), "uid": .string(bound.uid)]
        }
        return [
            "aud": .array(claims.audiences.map(JSONValue.string)), "exp": .integer(claims.expires),
            "iat": .integer(claims.issuedAt), "iss": .string(issuer), "jti": .string(claims.id),
            "kubernetes.io": .object(kubernetes), "nbf": .integer(claims.issuedAt), "sub": .string(claims.subject),
        ]
    }

    /// What a token says, if this cluster signed it and its time has come and not passed.
    func verify(_ token: String, now: Date) -> Claims? {
        guard token.utf8.count <= Self.maximumSize else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), header["alg"]?.string == "ES256",
            header["kid"]?.string == keyID, let bytes = Self.bytes(parts[2]),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: bytes),
            key.publicKey.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8)),
            let payload = Self.json(parts[1]), let claims = Self.claims(payload)
        else { return nil }
        let seconds = now.timeIntervalSince1970
        guard Double(claims.issuedAt) <= seconds, seconds < Double(claims.expires) else { return nil }
        return claims
    }

    private static func claims(_ payload: JSONValue) -> Claims? {
        let kubernetes = payload["kubernetes.io"]
        guard payload["iss"]?.string == issuer, let namespace = kubernetes?["namespace"]?.string,
            let name = kubernetes?.value(at: "serviceaccount", "name")?.string,
            let uid = kubernetes?.value(at: "serviceaccount", "uid")?.string,
            let issued = payload["nbf"]?.integer, let expires = payload["exp"]?.integer
        else { return nil }
        let bound = ["pod", "secret", "node"].compactMap { kind -> Claims.Bound? in
            guard let entry = kubernetes?[kind], let name = entry["name"]?.string, let uid = entry["uid"]?.string
            else { return nil }
            return Claims.Bound(kind: kind, name: name, uid: uid)
        }
        return Claims(
            namespace: namespace,
            serviceAccount: name,
            uid: uid,
            bound: bound.first,
            audiences: payload["aud"]?.array?.compactMap(\.string) ?? [],
            issuedAt: issued,
            expires: expires,
            id: payload["jti"]?.string ?? ""
        )
    }

    // MARK: - Base64 for URLs (RFC 4648 §5), without padding

    static func base64URL(_ bytes: [UInt8]) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            }
        )
    }

    private static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain).map(Array.init)
    }

    private static func json(_ text: some StringProtocol) -> JSONValue? {
        bytes(text).flatMap { try? JSONParser().parse($0) }
    }
}
