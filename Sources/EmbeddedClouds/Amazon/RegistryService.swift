internal import Crypto
internal import FoundationEssentials

/// The service that hands out tokens of private registries.
///
/// Sources: docs.aws.amazon.com, Amazon ECR API Reference, "GetAuthorizationToken" and "Common Errors"; AWS Identity and
/// Access Management User Guide, "Create a signed AWS API request".
extension EmbeddedAmazon.State {
    mutating func authorizeRegistry(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "POST", request.target == "/",
            request.headers["content-type"] == "application/x-amz-json-1.1",
            request.headers["x-amz-target"] == "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
            hasOnly(["content-type", "x-amz-target", "x-amz-date", "x-amz-security-token", "authorization"], request),
            request.body == Array("{}".utf8)
        else { return refusal("InvalidParameterException", "the request is not the documentation's") }
        if let refused = judgeSignature(of: request) { return refused }
        guard settings.mayGetToken else {
            return refusal(
                "AccessDeniedException",
                "User: \(settings.role) is not authorized to perform: ecr:GetAuthorizationToken on resource: *"
            )
        }
        issued += 1
        let password = "eyJwYXlsb2FkIjoiRVhBTVBMRS\(issued)"
        passwords.insert(password)
        let token = Data("AWS:\(password)".utf8).base64EncodedString()
        return CloudAnswer(
            200,
            json: """
                {"authorizationData":[{"authorizationToken":"\(token)","expiresAt":\(seconds + settings.tokenLife).809,\
                "proxyEndpoint":"https://\(settings.account).dkr.ecr.\(settings.region).amazonaws.com"}]}
                """
        )
    }

    /// The refusal of a request that is not signed, or not so that the fields that arrived are; `nil` for a good one.
    private func judgeSignature(of request: CloudRequest) -> CloudAnswer? {
        let pattern = "AWS4-HMAC-SHA256 Credential="
        let field = request.headers["authorization"] ?? ""
        let parts = field.components(separatedBy: ", ")
        guard field.hasPrefix(pattern), parts.count == 3, parts[1].hasPrefix("SignedHeaders="),
            parts[2].hasPrefix("Signature=")
        else { return refusal("IncompleteSignature", "Authorization header requires other parts.") }
        let scope = parts[0].dropFirst(pattern.count).split(separator: "/").map(String.init)
        let names = parts[1].dropFirst("SignedHeaders=".count).split(separator: ";").map(String.init)
        guard scope.count == 5, let keys = keys[scope[0]], keys.expires > seconds,
            request.headers["x-amz-security-token"] == keys.session
        else { return refusal("UnrecognizedClientException", "The security token included in the request is invalid.") }
        let time = request.headers["x-amz-date"] ?? ""
        guard let signedAt = Self.moment(time), abs(signedAt - seconds) <= 300 else {
            return refusal("InvalidSignatureException", "Signature expired or not yet current")
        }
        let expected = ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"]
        guard names == expected, Array(scope[1...]) == [String(time.prefix(8)), settings.region, "ecr", "aws4_request"]
        else {
            return refusal("InvalidSignatureException", "Credential should be scoped to another region or service.")
        }
        let fields = names.map { "\($0):\($0 == "host" ? request.host : request.headers[$0] ?? "")\n" }.joined()
        let canonical = "POST\n/\n\n\(fields)\n\(names.joined(separator: ";"))\n\(Self.digest(request.body))"
        let text =
            "AWS4-HMAC-SHA256\n\(time)\n\(scope[1...].joined(separator: "/"))\n\(Self.digest(Array(canonical.utf8)))"
        var key = SymmetricKey(data: Data("AWS4\(keys.secret)".utf8))
        for part in scope[1...] {
            key = SymmetricKey(data: Data(HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key)))
        }
        let signature = Self.text(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
        guard parts[2] == "Signature=\(signature)" else {
            return refusal(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided."
            )
        }
        return nil
    }

    private static func digest(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Reads `20150830T123600Z`.
    private static func moment(_ text: String) -> Int64? {
        guard text.utf8.count == 16 else { return nil }
        var extended = text
        for (offset, character) in [(13, ":"), (11, ":"), (6, "-"), (4, "-")] {
            extended.insert(contentsOf: character, at: extended.index(extended.startIndex, offsetBy: offset))
        }
        return (try? Date(extended, strategy: Date.ISO8601FormatStyle())).map { Int64($0.timeIntervalSince1970) }
    }

    private func refusal(_ type: String, _ text: String) -> CloudAnswer {
        CloudAnswer(400, json: #"{"__type":"\#(type)","message":"\#(text)"}"#)
    }
}
