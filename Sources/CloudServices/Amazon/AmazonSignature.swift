internal import Crypto
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Signs requests to services of AWS (AWS Identity and Access Management User Guide, "Create a signed AWS API request":
/// Signature Version 4).
struct AmazonSignature: Sendable {
    /// What is signed of a request.
    struct Subject: Sendable {
        var method: String
        /// The path, not encoded.
        var path = "/"
        /// Names and values, not encoded.
        var query: [(name: String, value: String)] = []
        /// Every header field, `host` among them.
        var headers: HeaderFields
        var body: [UInt8] = []
    }

    /// Who signs.
    let keys: AmazonKeys
    /// The region of the service.
    let region: String
    /// The service's name for signatures, such as `ecr`.
    let service: String

    /// The request with the header fields that sign it: `x-amz-date`, `authorization`, and `x-amz-security-token` where the
    /// keys are temporary.
    func sign(_ request: Subject, at date: Date) -> Subject {
        let time = Self.time(date)
        var signed = request
        signed.headers["x-amz-date"] = time
        signed.headers["x-amz-security-token"] = keys.sessionToken
        let day = String(time.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = ["AWS4-HMAC-SHA256", time, scope, Self.hex(SHA256.hash(data: Array(signed.canonical.utf8)))]
            .joined(separator: "\n")
        let signature = Self.hex(Self.code(text, with: key(day)))
        signed.headers["authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(keys.accessKeyID)/\(scope), SignedHeaders=\(signed.names), "
            + "Signature=\(signature)"
        return signed
    }

    /// The key of a day, a region and a service.
    private func key(_ day: String) -> SymmetricKey {
        [day, region, service, "aws4_request"]
            .reduce(SymmetricKey(data: Array("AWS4\(keys.secretAccessKey)".utf8))) { key, part in
                SymmetricKey(data: Self.code(part, with: key))
            }
    }

    private static func code(_ text: String, with key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    fileprivate static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A moment as `20150830T123600Z`.
    static func time(_ date: Date) -> String {
        date.formatted(
            Date.ISO8601FormatStyle(
                dateSeparator: .omitted,
                dateTimeSeparator: .standard,
                timeSeparator: .omitted,
                timeZone: .gmt
            )
        )
    }
}

extension AmazonSignature.Subject {
    /// The one form of the request that both sides hash.
    var canonical: String {
        let fields = grouped.map { "\($0.name):\($0.values.joined(separator: ","))\n" }.joined()
        let hash = AmazonSignature.hex(SHA256.hash(data: body))
        return [method, canonicalPath, canonicalQuery, fields, names, hash].joined(separator: "\n")
    }

    /// The names of the header fields, in their order.
    fileprivate var names: String { grouped.map(\.name).joined(separator: ";") }

    /// Header fields by name, each with its values in the order in which they are sent, without the space around them and
    /// with one space within.
    private var grouped: [(name: String, values: [String])] {
        Set(headers.fields.map(\.name)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
            (name, headers.values(name).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") })
        }
    }

    /// Without empty segments and dots, each segment encoded.
    private var canonicalPath: String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let text = segments.map { "/\(PercentEncoding.encode($0))" }.joined()
        return text.isEmpty || path.hasSuffix("/") ? "\(text)/" : text
    }

    /// Encoded, then in the order of names and of values.
    private var canonicalQuery: String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted {
                $0.0 == $1.0
                    ? $0.1.utf8.lexicographicallyPrecedes($1.1.utf8) : $0.0.utf8.lexicographicallyPrecedes($1.0.utf8)
            }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }
}
