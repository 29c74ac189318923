import EmbeddedClouds
import JSONModel
import OCIModel
import OCIRegistry
import TestTiming
import Testing

@testable import CloudServices

/// The credential that an identity of Google is to its registries.
struct GoogleRegistryCredentialsTests {
    private func password(_ credential: RegistryCredential?) throws -> String {
        guard case .basic("oauth2accesstoken", let password)? = credential else {
            throw CloudError(.malformed, "it is \(String(describing: credential))")
        }
        return password
    }

    @Test("the metadata server's token is the password, used until shortly before it lapses")
    func metadata() async throws {
        let scene = GoogleScene()
        let source = scene.source(.metadataServer)
        let first = try await password(source.credential(for: GoogleScene.repository()))
        #expect(first.hasPrefix("ya29.metadata-") && scene.google.tokens.contains(first))
        scene.advance(by: 3599 - 301)
        #expect(try await password(source.credential(for: GoogleScene.repository("gcr.io"))) == first)
        #expect(scene.google.requests.count == 1)
        scene.advance(by: 2)
        #expect(try await password(source.credential(for: GoogleScene.repository())) != first)
        #expect(scene.google.requests.allSatisfy { $0.host == "169.254.169.254" && !$0.isEncrypted })
        #expect(scene.files.reads == 0)
    }

    @Test("the cluster's token is exchanged for one of the pool, and that for one of the service account")
    func federation() async throws {
        let scene = GoogleScene()
        let source = scene.source()
        let first = try await password(source.credential(for: GoogleScene.repository()))
        #expect(first.hasPrefix("ya29.account-"))
        #expect(scene.google.requests.map(\.host) == ["sts.googleapis.com", "iamcredentials.googleapis.com"])
        scene.advance(by: 3600 - 299)
        scene.writeToken(expires: SceneTime.start + 9000)
        #expect(try await password(source.credential(for: GoogleScene.repository())) != first)
    }

    @Test(
        "without a service account the token of the pool is the password; the cluster's may lie in a member of a file"
    )
    func direct() async throws {
        let scene = GoogleScene()
        let token = try String(decoding: scene.files.read(GoogleScene.tokenFile), as: UTF8.self).dropLast()
        scene.files.write(GoogleScene.tokenFile, #"{"id_token":"\#(token)"}"#)
        scene.writeConfiguration {
            $0["service_account_impersonation_url"] = nil
            $0["credential_source"] = [
                "file": .string(GoogleScene.tokenFile),
                "format": ["type": "json", "subject_token_field_name": "id_token"],
            ]
        }
        let password = try await password(scene.source().credential(for: GoogleScene.repository()))
        #expect(password.hasPrefix("ya29.federated-"))
        #expect(scene.google.requests.map(\.host) == ["sts.googleapis.com"])
    }

    @Test("another credential goes first")
    func given() async throws {
        let scene = GoogleScene()
        let given = FixedCredentialSource(credential: .basic(username: "_json_key", password: "b"))
        #expect(try await scene.source(after: given).credential(for: GoogleScene.repository()) == given.credential)
        #expect(scene.google.requests.isEmpty)
    }

    @Test(
        "registries of Google are given the token",
        arguments: [
            "europe-west1-docker.pkg.dev", "us-docker.pkg.dev", "gcr.io", "eu.gcr.io", "asia.gcr.io",
        ]
    )
    func hosts(_ registry: String) async throws {
        #expect(try await GoogleScene().source().credential(for: GoogleScene.repository(registry)) != nil)
    }

    @Test(
        "no other host makes anybody ask, or is given anything",
        arguments: [
            "docker.io", "pkg.dev", "evilgcr.io", "gcr.io.evil.example", "us-docker.pkg.dev.evil.example",
            "evil-pkg.dev",
            "us-docker.evilpkg.dev", "a.b.pkg.dev", "a.eu.gcr.io", "gcr.io:443", "gcr.io:5000",
            "us-docker.pkg.dev:8443",
            "mirror.gcr.io.example.com", "gcr.iO.example", "127.0.0.1:5000", ".gcr.io", "_x.pkg.dev",
        ]
    )
    func others(_ registry: String) async throws {
        let scene = GoogleScene()
        #expect(!GoogleRegistryCredentials.isGoogles(registry))
        if let repository = try? GoogleScene.repository(registry) {
            #expect(try await scene.source().credential(for: repository) == nil)
        }
        #expect(scene.google.requests.isEmpty)
    }

    @Test("many who want a credential at once cause one exchange")
    func singleFlight() async throws {
        let scene = GoogleScene()
        let gate = Latch()
        let source = scene.source(gate: gate)
        let repository = try GoogleScene.repository()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await source.credential(for: repository) } }
            gate.open()
            try await group.waitForAll()
        }
        #expect(scene.google.requests.count == 2)
    }

    // MARK: - Refusals

    /// What goes wrong, and a part of what is said about it.
    struct Trouble: Sendable, CustomTestStringConvertible {
        var name: String
        var words: String
        var code: RegistryError.Code = .credentialsUnavailable
        var count = 1
        var identity = GoogleIdentity.federated(configuration: GoogleScene.configuration)
        var make: @Sendable (GoogleScene) -> Void

        var testDescription: String { name }
    }

    static let troubles: [Trouble] = [
        Trouble(name: "another issuer", words: "invalid_grant: The issuer") { $0.writeToken(issuer: "https://other") },
        Trouble(name: "another subject", words: "attribute condition") { $0.writeToken(subject: "x") },
        Trouble(name: "another audience", words: "invalid_grant: The audience") { $0.writeToken(audience: "x") },
        Trouble(name: "an old token", words: "stale") { $0.writeToken(expires: SceneTime.start - 1) },
        Trouble(name: "no token", words: "does not exist", count: 0) { $0.files.write(GoogleScene.tokenFile, nil) },
        Trouble(name: "no configuration", words: "GOOGLE_APPLICATION_CREDENTIALS names a file", count: 0) {
            $0.files.write(GoogleScene.configuration, nil)
        },
        Trouble(name: "no JSON", words: "holds no JSON object", count: 0) {
            $0.files.write(GoogleScene.configuration, "{")
        },
        Trouble(name: "no right to act as the account", words: "roles/iam.workloadIdentityUser", count: 2) {
            $0.google.update { $0.mayImpersonate = false }
        },
        Trouble(name: "an answer without a token", words: "without a usable token") {
            $0.google.fail("sts.googleapis.com", with: CloudAnswer(200, json: #"{"access_token":"a b"}"#))
        },
        Trouble(name: "no answer", words: "refused the connection", code: .unreachable, count: 3) {
            $0.google.fail("sts.googleapis.com", count: 9, with: CloudAnswer(0))
        },
        Trouble(name: "throttled", words: "answered 429", code: .throttled, count: 6) {
            $0.google.fail("iamcredentials.googleapis.com", count: 9, with: CloudAnswer(429))
        },
        Trouble(name: "no service account", words: "assign one", identity: .metadataServer) {
            $0.google.update { $0.hasAccount = false }
        },
        Trouble(name: "another metadata service", words: "is none of Google's", identity: .metadataServer) {
            $0.google.update { $0.namesItself = false }
        },
        Trouble(name: "no metadata service", words: "refused", code: .unreachable, count: 3, identity: .metadataServer)
        {
            $0.google.fail("169.254.169.254", count: 9, with: CloudAnswer(0))
        },
    ]

    @Test("a refusal is a reason of its own, says what to do, shows no token and is not kept", arguments: troubles)
    func refused(_ trouble: Trouble) async throws {
        let scene = GoogleScene()
        let source = scene.source(trouble.identity)
        trouble.make(scene)
        let error = await #expect(throws: RegistryError.self) {
            try await source.credential(for: GoogleScene.repository())
        }
        #expect(error?.code == trouble.code)
        let message = error?.message ?? ""
        #expect(message.contains(trouble.words), "\(message)")
        for token in scene.google.tokens { #expect(!message.contains(token)) }
        #expect(!message.contains("eyJ"))
        #expect(scene.google.requests.count == trouble.count)
    }

    /// Changes of a configuration that would send a token elsewhere, or run something.
    static let hostile: [(name: String, value: JSONValue)] = [
        ("type", "service_account"), ("type", "authorized_user"), ("universe_domain", "evil.example"),
        ("audience", "//evil.example/x"), ("audience", .null), ("token_url", "https://evil.example/v1/token"),
        ("token_url", "http://sts.googleapis.com/v1/token"),
        ("token_url", "https://sts.googleapis.com.evil.example/v1/token"),
        ("credential_source", ["executable": ["command": "/bin/sh"]]),
        ("credential_source", ["url": "http://169.254.169.254/"]),
        ("credential_source", ["file": "/token", "executable": ["command": "/bin/sh"]]),
        (
            "service_account_impersonation_url",
            "https://evil.example/v1/projects/-/serviceAccounts/a:generateAccessToken"
        ),
        (
            "service_account_impersonation_url",
            "https://iamcredentials.googleapis.com:8443/v1/projects/-/serviceAccounts/a:generateAccessToken"
        ),
        (
            "service_account_impersonation_url",
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a:signJwt"
        ),
        (
            "service_account_impersonation_url",
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a/../b:generateAccessToken"
        ),
        ("service_account_impersonation", ["token_lifetime_seconds": 1_000_000]),
    ]

    @Test("a configuration sends tokens to Google alone, and runs nothing", arguments: hostile.indices)
    func configurations(_ index: Int) async throws {
        let scene = GoogleScene()
        let (name, value) = Self.hostile[index]
        scene.writeConfiguration { $0[name] = value }
        let error = await #expect(throws: RegistryError.self) {
            try await scene.source().credential(for: GoogleScene.repository())
        }
        #expect(error?.code == .credentialsUnavailable, "\(name) \(value): \(error?.message ?? "")")
        #expect(scene.google.requests.isEmpty)
    }

    @Test("the environment names a configuration; the metadata server is asked where somebody says so")
    func environment() {
        let path = "/etc/config.json"
        let named = ["GOOGLE_APPLICATION_CREDENTIALS": path]
        #expect(GoogleIdentity(environment: [:]) == nil)
        #expect(GoogleIdentity(environment: [:], usesMetadataServer: true) == .metadataServer)
        #expect(GoogleIdentity(environment: named) == .federated(configuration: path))
        #expect(GoogleIdentity(environment: named, usesMetadataServer: true) == .federated(configuration: path))
    }
}
