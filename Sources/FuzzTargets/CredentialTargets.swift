import FoundationEssentials
import JSONModel

@testable import OCIRegistry
@testable import OutboundHTTP

/// What registries and their token services say besides the content.
enum CredentialTargets {
    static let all = [
        DecoderTarget("registry-token", token),
        .text("pull-notice", maximumLength: 256, notice),
    ]

    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    /// The first line is the field `Date` of the answer, the second says `POST` or something else; the rest is the body.
    private static func token(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return }
        let body = Array(parts[2])
        let isOAuth = parts[1].elementsEqual("POST".utf8)
        let response = OutboundResponse(
            status: 200,
            headers: ["date": String(decoding: parts[0], as: UTF8.self)],
            body: body
        )
        guard let answer = TokenAnswer(response, isOAuth: isOAuth, maximumBytes: 4096, now: now) else { return }
        let json = try? JSONParser().parse(body)
        let texts = ["token", "access_token", "refresh_token"].compactMap { json?[$0]?.string }
        let lifetime = Double(max(0, min(json?["expires_in"]?.integer ?? 60, 86_400)))
        try demand(isPlain(answer.token.text), "a token can stand in a header field")
        try demand(texts.contains(answer.token.text), "a token is what the service wrote")
        let use = answer.token.expires.timeIntervalSince(now)
        try demand(use >= 0 && use <= lifetime * 0.9 + 0.001, "a token is used for nine tenths of its life at most")
        guard let successor = answer.successor else { return }
        try demand(isOAuth && isPlain(successor), "only a POST is answered with a successor, which can be sent")
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= TokenAnswer.maximumTokenBytes
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The first line is `ratelimit-limit`, the second `ratelimit-remaining`.
    private static func notice(_ text: String) throws {
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard lines.count == 2 else { return }
        let headers: HeaderFields = ["ratelimit-limit": lines[0], "ratelimit-remaining": lines[1]]
        guard let notice = HostBudget.Notice(headers) else { return }
        try demand(notice.limit >= 1 && notice.window >= 1, "a limit allows something, some time")
        try demand(notice.remaining >= 0 && notice.remaining <= notice.limit, "what is left is within the limit")
        var allowance = RegistryAllowance(pulls: RegistryAllowance.Rate(burst: 1, perSecond: 1))
        allowance.announcesPulls = true
        var budget = HostBudget(allowance, share: 0.5, now: .zero)
        budget.answered(200, isPull: true, notice: notice, retryAfter: nil, now: .zero)
        switch budget.reserve(isPull: true, patience: .seconds(10), now: .zero) {
        case .go(let wait): try demand(wait >= .zero && wait <= .seconds(10), "nobody waits longer than he wants to")
        case .refused(let wait, _):
            // Half of the limit is others', and one more than nothing must be left.
            try demand(wait <= .seconds(3 * notice.window + 1), "whatever is announced, there is a next pull")
        }
    }
}
