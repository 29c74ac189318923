internal import JSONModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a token service gives.
struct TokenAnswer: Sendable, Hashable {
    /// The token, until shortly before it expires.
    let token: BearerToken
    /// What takes the place of the identity token that was shown, where the service hands out a new one each time
    /// (RFC 6749 §6).
    let successor: String?

    /// The longest token of either kind, in bytes.
    static let maximumTokenBytes = 32 << 10

    /// Reads an answer; `nil` when it holds no usable token.
    ///
    /// `expires_in` counts from `issued_at`, else from now; a service that says neither means 60 s (distribution, "Token
    /// Authentication Specification"). How old the token is already is reckoned by the service's own clock, the `Date` of
    /// its answer, where it gives one. A tenth of what is left is not used: for the way, and for clocks that differ.
    ///
    /// - Parameters:
    ///   - response: the answer, with status 200.
    ///   - isOAuth: whether it answers a POST, in which `access_token` counts first and `refresh_token` is a successor.
    ///   - maximumBytes: the longest answer.
    ///   - now: the present.
    init?(_ response: OutboundResponse, isOAuth: Bool, maximumBytes: Int, now: Date) {
        let parser = JSONParser(limits: JSONLimits(maximumBytes: maximumBytes, maximumDepth: 16))
        guard let json = try? parser.parse(response.body) else { return nil }
        let names = isOAuth ? ["access_token", "token"] : ["token", "access_token"]
        let candidates = names.compactMap { json[$0]?.string }.filter { !$0.isEmpty }
        guard let text = candidates.first, Self.isUsable(text) else { return nil }
        let lifetime = Double(min(max(json["expires_in"]?.integer ?? 60, 0), 86_400))
        let present = response.headers.values("date").first.flatMap { HTTPDate.parse($0) } ?? now
        let age = json["issued_at"]?.string.flatMap(Self.date).map { present.timeIntervalSince($0) } ?? 0
        let left = lifetime - min(max(age, 0), lifetime)
        token = BearerToken(text: text, expires: now.addingTimeInterval(left * 0.9))
        successor =
            isOAuth
            ? json["refresh_token"]?.string.flatMap { !$0.isEmpty && Self.isUsable($0) ? $0 : nil } : nil
    }

    private static func isUsable(_ text: String) -> Bool {
        text.utf8.count <= maximumTokenBytes && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    /// A date of RFC 3339; its fraction of a second does not matter.
    private static func date(_ text: String) -> Date? {
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        var whole = text
        if let dot = whole.firstIndex(of: ".") {
            let rest = whole[whole.index(after: dot)...]
            whole = String(whole[..<dot]) + rest.drop { $0.isASCII && $0.isNumber }
        }
        return try? Date.ISO8601FormatStyle().parse(whole)
    }
}
