import FoundationEssentials
import OCIModel

@testable import OCIRegistry
@testable import OutboundHTTP

/// Header fields, URLs and other words of servers; and the credentials for them.
enum HTTPTargets {
    static let all = [
        .text("www-authenticate", challenge),
        .text("link", link),
        .text("retry-after", maximumLength: 64, retryAfter),
        .text("url", url),
        .text("ip-address", maximumLength: 64) { text in
            guard let address = IPAddress(text) else { return }
            try demand(!address.isLoopback || address.isInternal, "a loopback address is internal")
        },
        DecoderTarget("docker-config") { bytes in
            _ = try? DockerConfigCredentials(bytes)
            let repository = try RepositoryName("registry.example.com/team/app")
            for format in RegistryKeyring.Format.allCases {
                guard let keyring = try? RegistryKeyring(bytes, format: format) else { continue }
                let found = keyring.credentials(for: repository)
                try demand(found.count <= RegistryKeyring.maximumCandidates, "candidates are counted")
                try demand(Set(found).count == found.count, "each credential is tried once")
            }
        },
        DecoderTarget("registry-error") { bytes in
            let body = RegistryErrorBody(bytes)
            try demand(body.codes.count <= 8, "codes are counted")
            try demand((body.message?.unicodeScalars.count ?? 0) <= 201, "a message is short")
        },
    ]

    private static func challenge(_ text: String) throws {
        _ = AuthenticationChallenge(fields: [text])
        guard let challenges = ChallengeParser.parse(text) else { return }
        let written = challenges.map { challenge in
            let parameters = challenge.parameters.map { name, value in
                "\(name)=\"" + value.flatMap { "\\\"".contains($0) ? ["\\", $0] : [$0] } + "\""
            }
            return "\(challenge.scheme) " + parameters.joined(separator: ", ")
        }.joined(separator: ", ")
        try demand(ChallengeParser.parse(written) == challenges, "challenges can be written and read again")
    }

    private static func link(_ text: String) throws {
        guard let target = try? LinkField.next([text]) else { return }
        try demand(text.contains(target), "the target stands in the field")
        try demand((try? LinkField.next([text, text])) == nil, "two links cannot both be next")
    }

    private static func retryAfter(_ text: String) throws {
        guard let delay = RetryAfter.parse(text, now: Date(timeIntervalSince1970: 1_700_000_000)) else { return }
        try demand(delay >= .zero && delay <= .seconds(86_400), "a wait is at most a day")
    }

    /// Two references, one a line, the second seen from the first.
    private static func url(_ text: String) throws {
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        let redacted = URLRedaction.redact(text)
        try demand(redacted.unicodeScalars.count <= 257, "what is shown of a URL is short")
        if !text.contains("hunter2") {
            let secrets = [
                "https://user:hunter2@\(text)", "\(text)?signature=hunter2", "\(text)?hunter2",
                "https://host/?\(text)=hunter2",
            ]
            try demand(
                !secrets.contains { URLRedaction.redact($0).contains("hunter2") },
                "no user and no value of a query is shown"
            )
        }
        guard let first = lines.first, let url = try? OutboundURL(first) else { return }
        try demand((try? OutboundURL(url.absoluteString)) == url, "a URL is what is sent of it")
        guard lines.count == 2, let other = try? url.resolving(lines[1]) else { return }
        try demand((try? OutboundURL(other.absoluteString)) == other, "a resolved URL is what is sent of it")
    }
}
