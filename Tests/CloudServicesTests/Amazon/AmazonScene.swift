import EmbeddedClouds
import OCIModel
import OCIRegistry
import OperatorTestKit
import OutboundHTTP
import TestTiming

@testable import CloudServices

/// The services of AWS and a client that reaches them without a network.
struct AmazonScene: Sendable {
    static let tokenFile = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"
    static let agentTokenFile = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token"
    static let host = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"

    let amazon = EmbeddedAmazon(seconds: SceneTime.start)
    let settings = AmazonSettings()
    let files = FileBox()
    let time = SceneTime()

    init() {
        write(Self.tokenFile, audience: "sts.amazonaws.com")
        write(Self.agentTokenFile, audience: "pods.eks.amazonaws.com")
    }

    /// The environment that EKS makes for a service account with a role.
    var roleEnvironment: [String: String] {
        [
            "AWS_ROLE_ARN": settings.role, "AWS_WEB_IDENTITY_TOKEN_FILE": Self.tokenFile,
            "AWS_REGION": settings.region, "AWS_DEFAULT_REGION": settings.region,
            "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        ]
    }

    /// The environment that EKS Pod Identity makes.
    var podEnvironment: [String: String] {
        [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": Self.agentTokenFile, "AWS_REGION": settings.region,
        ]
    }

    /// Writes a token, as the kubelet does from time to time.
    func write(
        _ path: String,
        audience: String,
        subject: String? = nil,
        issuer: String? = nil,
        expires: Int64 = SceneTime.start + 3600
    ) {
        files.write(
            path,
            ServiceAccountToken.text(
                issuer: issuer ?? settings.issuer,
                subject: subject ?? settings.subject,
                audience: audience,
                expires: expires
            )
        )
    }

    func surroundings(gate: Latch? = nil) -> CloudSurroundings {
        let (files, time) = (files, time)
        let wire = CloudWire(amazon, isDirect: false)
        return CloudSurroundings(
            http: gate.map { HeldWire(wire: wire, gate: $0) } ?? wire as any HTTPExchange,
            direct: CloudWire(amazon, isDirect: true),
            clock: time.clock,
            now: { time.now },
            readFile: { path, _ in try files.read(path) }
        )
    }

    /// A source for the identity that `environment` describes.
    func source(
        _ environment: [String: String]? = nil,
        after base: any CredentialSource = AnonymousCredentials(),
        gate: Latch? = nil
    ) throws -> AmazonRegistryCredentials {
        let identity = Result { () throws(CloudError) in
            guard let identity = try AmazonIdentity(environment: environment ?? roleEnvironment) else {
                throw CloudError(.misconfigured, "nobody")
            }
            return identity
        }
        return AmazonRegistryCredentials(identity, surroundings(gate: gate), after: base)
    }

    func advance(by seconds: Int64) {
        amazon.advance(by: seconds)
        time.advance(by: seconds)
    }

    static func repository(_ registry: String = host) throws -> RepositoryName {
        try RepositoryName(registry: registry, path: "web")
    }
}
