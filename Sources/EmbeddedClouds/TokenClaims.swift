internal import FoundationEssentials
internal import JSONModel

/// The claims of a token as clusters issue them for service accounts.
///
/// They are compared; the signature is not, since there is no issuer to ask.
struct TokenClaims {
    private let object: JSONValue

    /// Reads the middle of the three parts; `nil` for what is no such token.
    init?(_ token: String) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        while text.count % 4 != 0 { text.append("=") }
        guard let data = Data(base64Encoded: String(text)), let object = try? JSONParser().parse(Array(data)) else {
            return nil
        }
        self.object = object
    }

    var issuer: String? { object["iss"]?.string }
    var subject: String? { object["sub"]?.string }
    var audience: String? { object["aud"]?.string }
    var expires: Int64? { object["exp"]?.integer }
}

/// Moments in seconds since 1970 as text.
enum MomentText {
    /// As `2026-06-01T00:00:00Z`.
    static func extended(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
    }

    /// As `20260601T000000Z`.
    static func basic(_ seconds: Int64) -> String {
        extended(seconds).filter { $0 != "-" && $0 != ":" }
    }
}
