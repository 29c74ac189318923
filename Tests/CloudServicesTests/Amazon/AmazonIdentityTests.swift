import EmbeddedClouds
import Testing

@testable import CloudServices

/// Whom the environment describes to AWS.
struct AmazonIdentityTests {
    private let scene = AmazonScene()

    @Test("without variables there is nobody")
    func nobody() throws {
        for environment in [[:], ["AWS_REGION": "eu-central-1"], ["AWS_ROLE_ARN": "arn:aws:iam::1:role/x"]] {
            #expect(try AmazonIdentity(environment: environment) == nil)
        }
    }

    @Test("a role goes before an agent")
    func order() throws {
        let environment = scene.roleEnvironment.merging(scene.podEnvironment) { first, _ in first }
        guard case .role(let role)? = try AmazonIdentity(environment: environment) else {
            Issue.record("it is no role")
            return
        }
        #expect(role.arn == scene.settings.role && role.sessionName == "vigil" && role.region?.name == "eu-central-1")
    }

    @Test(
        "half an identity, and what cannot be one, is an error that names the variable",
        arguments: [
            ("AWS_ROLE_ARN", ""), ("AWS_ROLE_ARN", "vigil"), ("AWS_ROLE_ARN", "arn:aws:iam::1:user/x"),
            ("AWS_ROLE_SESSION_NAME", "a&b=c"), ("AWS_ROLE_SESSION_NAME", "x"), ("AWS_REGION", "evil.example/"),
            ("AWS_REGION", "eu-central-1.evil"), ("AWS_REGION", "-1"),
        ]
    )
    func halves(_ name: String, _ value: String) throws {
        var environment = scene.roleEnvironment
        environment[name] = value
        let error = #expect(throws: CloudError.self) { try AmazonIdentity(environment: environment) }
        #expect(error?.code == .misconfigured)
        #expect(error?.message.contains(name) == true)
    }

    @Test(
        "the service account's token is sent to no other agent than those of EKS",
        arguments: [
            "http://169.254.170.2/v1/credentials", "http://169.254.169.254/v1/credentials", "http://evil.example/",
            "https://169.254.170.23/v1/credentials", "http://169.254.170.23:8080/v1/credentials",
            "http://169.254.170.23.evil.example/", "http://169.254.170.23@evil.example/", "http://127.0.0.1/",
            "file:///etc",
        ]
    )
    func agents(_ endpoint: String) throws {
        var environment = scene.podEnvironment
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint
        let error = #expect(throws: CloudError.self) { try AmazonIdentity(environment: environment) }
        #expect(error?.message.contains("is not sent there") == true)
    }

    @Test("an agent without a file is an error")
    func fileless() throws {
        var environment = scene.podEnvironment
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = nil
        #expect(throws: CloudError.self) { try AmazonIdentity(environment: environment) }
    }

    @Test("the token service of the cluster's region is asked, but of China's by China's alone")
    func regions() async throws {
        var environment = scene.roleEnvironment
        environment["AWS_REGION"] = "us-west-2"
        scene.amazon.update { $0.tokenHost = "sts.us-west-2.amazonaws.com" }
        #expect(try await scene.source(environment).credential(for: AmazonScene.repository()) != nil)
        let china = try AmazonScene.repository("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn")
        await #expect(throws: (any Error).self) { try await scene.source(environment).credential(for: china) }
        #expect(scene.amazon.requests.last?.host == "sts.cn-north-1.amazonaws.com.cn")
    }
}
