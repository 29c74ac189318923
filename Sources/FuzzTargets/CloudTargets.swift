import FoundationEssentials
import JSONModel
import OutboundHTTP

@testable import CloudServices

/// What services of clouds answer, and the files that say how to reach them.
enum CloudTargets {
    static let all = [
        DecoderTarget("element-texts", elements),
        DecoderTarget("amazon-answer", amazon),
        DecoderTarget("azure-answer", azure),
        DecoderTarget("google-answer", google),
        DecoderTarget("google-federation", federation),
        DecoderTarget("key-vault-answer", maximumLength: 8192, vault),
    ]

    private static let now = Date(timeIntervalSince1970: 1_700_000_000)

    private static func elements(_ bytes: [UInt8]) throws {
        guard let elements = ElementTexts(bytes) else { return }
        var paths: Set<String> = []
        for path in elements.texts.keys {
            let names = path.split(separator: "/", omittingEmptySubsequences: false)
            try demand(names.count <= ElementTexts.maximumDepth, "depth is counted")
            for count in 1...names.count { paths.insert(names.prefix(count).joined(separator: "/")) }
        }
        // A tag that opens; the declaration at the start is none.
        let tags = zip(bytes, bytes.dropFirst()).count { first, second in
            first == UInt8(ascii: "<") && second != UInt8(ascii: "/") && second != UInt8(ascii: "?")
        }
        try demand(tags == paths.count, "no element is there twice in the same place")
        let written = Self.written(elements.texts)
        guard written.count <= ElementTexts.maximumBytes else { return }
        try demand(ElementTexts(written)?.texts == elements.texts, "texts can be written and read again")
    }

    /// A document with these texts.
    private static func written(_ texts: [String: String], below path: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        let names = Set(
            texts.keys.filter { $0.hasPrefix(path) }.compactMap { $0.dropFirst(path.count).split(separator: "/").first }
        )
        for name in names.sorted() {
            bytes += "<\(name)>".utf8
            if let text = texts["\(path)\(name)"] {
                for byte in text.utf8 {
                    switch byte {
                    case UInt8(ascii: "&"): bytes += "&amp;".utf8
                    case UInt8(ascii: "<"): bytes += "&lt;".utf8
                    case UInt8(ascii: ">"): bytes += "&gt;".utf8
                    default: bytes.append(byte)
                    }
                }
            } else {
                bytes += written(texts, below: "\(path)\(name)/")
            }
            bytes += "</\(name)>".utf8
        }
        return bytes
    }

    private static func isPlain(_ text: String, _ limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Keys of the token service, keys of the agent and passwords of the registry.
    private static func amazon(_ bytes: [UInt8]) throws {
        let kinds = [AmazonKeys(agent: bytes, now: now), AmazonKeys(tokenService: ElementTexts(bytes), now: now)]
        for keys in kinds.compactMap(\.self) {
            try demand(keys.expires.map { $0 > now } == true, "keys that have lapsed are not used")
            try demand(
                [keys.accessKeyID, keys.secretAccessKey, keys.sessionToken ?? ""].allSatisfy { isPlain($0, 16_384) },
                "keys can stand in header fields"
            )
            try demand("\(keys)" == "the keys \(keys.accessKeyID)", "a description shows no secret")
        }
        guard let (password, expires) = AmazonRegistryCredentials.password(in: ServiceBody.object(bytes), now: now)
        else { return }
        try demand(isPlain(password, 65_536), "a password can be sent")
        try demand(expires <= now.addingTimeInterval(12 * 3600), "a password is used for half a day at most")
    }

    /// Access tokens, and refresh tokens of registries, whose claim says when they end.
    private static func azure(_ bytes: [UInt8]) throws {
        if let token = try? AzureToken(bytes, from: "the service", now: now) {
            try demand(isPlain(token.text, 32_768), "a token can stand in a header field")
            let life = token.expires.timeIntervalSince(now)
            try demand(life > 0 && life <= 86_400, "a token lives for a day at most")
            try demand("\(token)" == "a token until \(token.expires)", "a description shows no secret")
        }
        let claimed = ServiceBody.token(ServiceBody.object(bytes)?["refresh_token"])
        guard let text = claimed ?? String(validating: bytes, as: UTF8.self) else { return }
        let use = AzureRegistryCredentials.use(of: text, now: now)
        try demand(use >= 0 && use <= 3 * 3600 - 300, "a refresh token is used for less than three hours")
    }

    private static func google(_ bytes: [UInt8]) throws {
        let given = try? GoogleToken(bytes, from: "the service", now: now)
        for token in [given, GoogleToken(impersonated: bytes, now: now)].compactMap(\.self) {
            try demand(isPlain(token.text, 32_768), "a token can stand in a header field")
            let life = token.expires.timeIntervalSince(now)
            try demand(life > 0 && life <= Double(GoogleToken.maximumLife), "a token lives for half a day at most")
            try demand("\(token)" == "a token until \(token.expires)", "a description shows no secret")
        }
    }

    private static func federation(_ bytes: [UInt8]) throws {
        guard let object = ServiceBody.object(bytes) else { return }
        let configuration: FederatedConfiguration
        do throws(FederatedConfiguration.Defect) {
            configuration = try FederatedConfiguration(object)
        } catch {
            try demand(error.message.utf8.count <= 256, "what is wrong is told, what was read is not")
            return
        }
        try demand(configuration.audience.hasPrefix("//iam.googleapis.com/"), "the provider is one of Google's")
        try demand((600...GoogleToken.maximumLife).contains(configuration.lifetime), "a lifetime is within bounds")
        guard let url = configuration.impersonation else { return }
        try demand(
            url.scheme == .https && url.authority == FederatedConfiguration.impersonationHost && url.query == nil,
            "tokens are sent to Google alone"
        )
        try demand(url.path.split(separator: "/").count == 5, "the address names one service account")
    }

    /// A page of versions, a secret and a refusal, all in one object.
    private static func vault(_ bytes: [UInt8]) throws {
        let certificate = try KeyVaultCertificate(vaultURI: "https://shop.vault.azure.net", name: "wabbit")
        guard let object = ServiceBody.object(bytes) else { return }
        for kind in [KeyVaultKind.certificates, .secrets] {
            let versions = KeyVaultVersions(kind, certificate)
            for version in (try? versions.items(object)) ?? [] {
                try demand(KeyVaultCertificate.isVersion(version.name), "a version can stand in a path")
            }
            guard let next = object["nextLink"], let page = try? versions.link(next) else { continue }
            try demand(page.origin == certificate.vault.origin, "a token goes to no other host")
        }
        let challenge = object["challenge"]?.string.map { ["www-authenticate": $0] as HeaderFields } ?? [:]
        let response = OutboundResponse(status: 403, headers: challenge, body: bytes)
        let refusal = KeyVaultRefusal(response)
        try demand(isPlain(refusal.code, 64), "a code can be shown")
        try demand([refusal.isDisabled, refusal.isFirewall, refusal.isPermission].count { $0 } == 1, "one cause")
        if let tenant = KeyVaultChallenge.tenant(response) { try demand(isPlain(tenant, 64), "a tenant can be shown") }
        guard let text = object["value"]?.string else { return }
        let kept = PEMBlocks(text).certificates
        try demand(!String(decoding: kept, as: UTF8.self).contains("PRIVATE KEY"), "keys are not kept")
    }
}
