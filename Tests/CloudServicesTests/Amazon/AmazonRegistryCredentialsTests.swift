import EmbeddedClouds
import OCIModel
import OCIRegistry
import TestTiming
import Testing

@testable import CloudServices

/// The credential that an identity of AWS is to a private registry of Amazon ECR.
struct AmazonRegistryCredentialsTests {
    @Test(
        "the service account's token is exchanged for keys, and they for a password, each used until shortly before it lapses"
    )
    func role() async throws {
        let scene = AmazonScene()
        let source = try scene.source()
        let credential = try await source.credential(for: AmazonScene.repository())
        guard case .basic("AWS", let password)? = credential else {
            Issue.record("there is no password")
            return
        }
        #expect(scene.amazon.secrets.contains(password))
        #expect(scene.amazon.requests.map(\.host) == [scene.settings.tokenHost, scene.settings.registryHost])
        // Another repository, and another account of the region, need no other.
        #expect(try await source.credential(for: AmazonScene.repository()) == credential)
        let other = try AmazonScene.repository("444455556666.dkr.ecr.eu-central-1.amazonaws.com")
        #expect(try await source.credential(for: other) == credential)
        scene.advance(by: scene.settings.tokenLife - 301)
        #expect(try await source.credential(for: AmazonScene.repository()) == credential)
        #expect(scene.amazon.requests.count == 2)
        scene.advance(by: 2)
        scene.write(AmazonScene.tokenFile, audience: "sts.amazonaws.com", expires: SceneTime.start + 90_000)
        let next = try await source.credential(for: AmazonScene.repository())
        #expect(next != nil && next != credential)
        // The keys had lapsed as well.
        #expect(scene.amazon.requests.count == 4)
    }

    @Test(
        "the agent of EKS Pod Identity gives the keys, asked on the machine's own link",
        arguments: [
            "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials",
        ]
    )
    func pod(_ endpoint: String) async throws {
        let scene = AmazonScene()
        var environment = scene.podEnvironment
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint
        let agent = String(endpoint.dropFirst(7).prefix { $0 != "/" })
        scene.amazon.update { $0.agentHost = agent }
        let credential = try await scene.source(environment).credential(for: AmazonScene.repository())
        guard case .basic("AWS", _)? = credential else {
            Issue.record("there is no password")
            return
        }
        #expect(scene.amazon.requests.map(\.host) == [agent, scene.settings.registryHost])
    }

    @Test("keys are used until shortly before they lapse, for every region's registries")
    func keys() async throws {
        let scene = AmazonScene()
        scene.amazon.update { $0.tokenLife = 60 }
        let source = try scene.source()
        _ = try await source.credential(for: AmazonScene.repository())
        scene.advance(by: 31)
        _ = try await source.credential(for: AmazonScene.repository())
        #expect(scene.amazon.requests.map(\.host).filter { $0 == scene.settings.tokenHost }.count == 1)
        scene.advance(by: 3600 - 301 - 31)
        _ = try await source.credential(for: AmazonScene.repository())
        #expect(scene.amazon.requests.map(\.host).filter { $0 == scene.settings.tokenHost }.count == 1)
        scene.write(AmazonScene.tokenFile, audience: "sts.amazonaws.com", expires: SceneTime.start + 90_000)
        scene.advance(by: 31)
        _ = try await source.credential(for: AmazonScene.repository())
        #expect(scene.amazon.requests.map(\.host).filter { $0 == scene.settings.tokenHost }.count == 2)
    }

    @Test("another credential goes first")
    func given() async throws {
        let scene = AmazonScene()
        let given = FixedCredentialSource(credential: .basic(username: "a", password: "b"))
        let source = try scene.source(after: given)
        #expect(try await source.credential(for: AmazonScene.repository()) == given.credential)
        #expect(scene.amazon.requests.isEmpty)
    }

    @Test("no other host makes anybody ask, or is given anything", arguments: AmazonHosts.others)
    func others(_ registry: String) async throws {
        let scene = AmazonScene()
        #expect(AmazonRegistry(host: registry) == nil)
        if let repository = try? AmazonScene.repository(registry) {
            #expect(try await scene.source().credential(for: repository) == nil)
        }
        #expect(scene.amazon.requests.isEmpty)
    }

    @Test("each form of a registry's host leads to the service of its region")
    func hosts() throws {
        for (host, service) in AmazonHosts.services {
            #expect(AmazonRegistry(host: host)?.service == service, "\(host)")
        }
    }

    @Test("many who want a credential at once cause one exchange")
    func singleFlight() async throws {
        let scene = AmazonScene()
        let gate = Latch()
        let source = try scene.source(gate: gate)
        let repository = try AmazonScene.repository()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await source.credential(for: repository) } }
            gate.open()
            try await group.waitForAll()
        }
        #expect(scene.amazon.requests.count == 2)
    }

    // MARK: - Refusals

    /// What goes wrong, and a part of what is said about it.
    struct Trouble: Sendable, CustomTestStringConvertible {
        var name: String
        var words: String
        var code: RegistryError.Code = .credentialsUnavailable
        var count = 1
        var make: @Sendable (AmazonScene) -> Void

        var testDescription: String { name }
    }

    static let troubles: [Trouble] = [
        Trouble(name: "another service account", words: "system:serviceaccount:NAMESPACE:NAME") {
            $0.write(AmazonScene.tokenFile, audience: "sts.amazonaws.com", subject: "system:serviceaccount:x:y")
        },
        Trouble(name: "another issuer", words: "OIDC provider") {
            $0.write(AmazonScene.tokenFile, audience: "sts.amazonaws.com", issuer: "https://other.example")
        },
        Trouble(name: "another audience", words: "Incorrect token audience") {
            $0.write(AmazonScene.tokenFile, audience: "api://AzureADTokenExchange")
        },
        Trouble(name: "an old token", words: "ExpiredTokenException") {
            $0.write(AmazonScene.tokenFile, audience: "sts.amazonaws.com", expires: SceneTime.start - 1)
        },
        Trouble(name: "no token", words: "does not exist", count: 0) { $0.files.write(AmazonScene.tokenFile, nil) },
        Trouble(name: "two tokens", words: "holds no token", count: 0) { $0.files.write(AmazonScene.tokenFile, "a b") },
        Trouble(name: "no permission", words: "grant ecr:GetAuthorizationToken", count: 2) {
            $0.amazon.update { $0.mayGetToken = false }
        },
        Trouble(name: "another clock", words: "check this machine's clock", count: 2) { $0.amazon.advance(by: 900) },
        Trouble(name: "no answer", words: "refused the connection", code: .unreachable, count: 3) {
            $0.amazon.fail($0.settings.tokenHost, count: 9, with: CloudAnswer(0))
        },
        Trouble(name: "throttled", words: "answered 400: ThrottlingException", code: .throttled, count: 4) {
            $0.amazon.fail(
                $0.settings.registryHost,
                count: 9,
                with: CloudAnswer(400, json: #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#)
            )
        },
        Trouble(name: "broken", words: "answered 500", code: .serverError, count: 4) {
            $0.amazon.fail($0.settings.registryHost, count: 9, with: CloudAnswer(500))
        },
        Trouble(name: "no keys in the answer", words: "without usable keys") {
            $0.amazon.fail($0.settings.tokenHost, with: CloudAnswer(200, xml: "<a><b>c</b></a>"))
        },
        Trouble(name: "no XML", words: "without usable keys") {
            $0.amazon.fail($0.settings.tokenHost, with: CloudAnswer(200, json: "{}"))
        },
        Trouble(name: "no token in the answer", words: "without a usable token", count: 2) {
            $0.amazon.fail(
                $0.settings.registryHost,
                with: CloudAnswer(
                    200,
                    json: #"{"authorizationData":[{"authorizationToken":"YTpi","expiresAt":4000000000}]}"#
                )
            )
        },
        Trouble(name: "a token that has lapsed", words: "check the clocks", count: 2) {
            $0.amazon.update { $0.tokenLife = -10 }
        },
        Trouble(name: "a redirect", words: "answered 302", count: 1) {
            $0.amazon.fail(
                $0.settings.tokenHost,
                with: CloudAnswer(302, headers: ["location": "https://evil.example/"])
            )
        },
    ]

    @Test("a refusal is a reason of its own, says what to do, shows no secret and is not kept", arguments: troubles)
    func refused(_ trouble: Trouble) async throws {
        let scene = AmazonScene()
        let source = try scene.source()
        trouble.make(scene)
        let error = await #expect(throws: RegistryError.self) {
            try await source.credential(for: AmazonScene.repository())
        }
        #expect(error?.code == trouble.code)
        let message = error?.message ?? ""
        #expect(message.contains(trouble.words), "\(message)")
        #expect(message.hasPrefix("the credential for \(AmazonScene.host) cannot be had: "))
        for secret in scene.amazon.secrets { #expect(!message.contains(secret)) }
        #expect(!message.contains("eyJ"))
        #expect(scene.amazon.requests.count == trouble.count)
        #expect(error?.isHeldBack == (error?.isTransient ?? false))
    }

    @Test("keys that are refused are not used again")
    func revoked() async throws {
        let scene = AmazonScene()
        scene.amazon.update { $0.tokenLife = 60 }
        let source = try scene.source()
        _ = try await source.credential(for: AmazonScene.repository())
        scene.amazon.revokeKeys()
        scene.advance(by: 40)
        await #expect(throws: RegistryError.self) { try await source.credential(for: AmazonScene.repository()) }
        #expect(try await source.credential(for: AmazonScene.repository()) != nil)
    }

    @Test("a pod without an association is told so")
    func unassociated() async throws {
        let scene = AmazonScene()
        scene.amazon.update { $0.isAssociated = false }
        let source = try scene.source(scene.podEnvironment)
        let error = await #expect(throws: RegistryError.self) {
            try await source.credential(for: AmazonScene.repository())
        }
        #expect(error?.message.contains("create-pod-identity-association") == true)
    }
}

/// Hosts of registries, and such as look like them.
enum AmazonHosts {
    static let services = [
        ("111122223333.dkr.ecr.eu-central-1.amazonaws.com", "api.ecr.eu-central-1.amazonaws.com"),
        ("111122223333.dkr.ecr.us-gov-west-1.amazonaws.com", "api.ecr.us-gov-west-1.amazonaws.com"),
        ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "api.ecr.cn-north-1.amazonaws.com.cn"),
        ("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com", "ecr-fips.us-east-1.amazonaws.com"),
        ("111122223333.dkr-ecr.eu-west-1.on.aws", "ecr.eu-west-1.api.aws"),
        ("111122223333.dkr-ecr-fips.us-east-2.on.aws", "ecr-fips.us-east-2.api.aws"),
    ]

    static let others = [
        "public.ecr.aws", "docker.io", "registry.example.com", "amazonaws.com",
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com.evil.example",
        "111122223333.dkr.ecr.eu-central-1.evil-amazonaws.com", "111122223333.dkr.ecr.eu-central-1.amazonaws.com:8443",
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com:443", "111122223333.dkr.ecr.eu-central-1.amazonaws.com.cn",
        "111122223333.dkr.ecr.cn-north-1.amazonaws.com", "11112222333.dkr.ecr.eu-central-1.amazonaws.com",
        "1111222233334.dkr.ecr.eu-central-1.amazonaws.com", "a11122223333.dkr.ecr.eu-central-1.amazonaws.com",
        "evil.111122223333.dkr.ecr.eu-central-1.amazonaws.com", "111122223333.dkr.s3.eu-central-1.amazonaws.com",
        "111122223333.dkr.ecr.evil.amazonaws.com", "111122223333.dkr.ecr.eu.central.1.amazonaws.com",
        "111122223333.dkr.ecr..amazonaws.com", "111122223333.dkr.ecr.eu-central-1.s3.amazonaws.com",
        "111122223333.ecr.eu-central-1.amazonaws.com", "111122223333.dkr-ecr.eu-west-1.on.aws.evil.example",
        "111122223333.dkr-ecr.eu-west-1.amazonaws.com", "111122223333.dkr.ecr.eu-west-1.on.aws",
        "١١١١٢٢٢٢٣٣٣٣.dkr.ecr.eu-central-1.amazonaws.com", "127.0.0.1:5000", "localhost:5000",
    ]
}
