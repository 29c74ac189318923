import EmbeddedClouds
import FoundationEssentials
import JSONModel
import OCIModel
import OCIRegistry
import OperatorTestKit
import OutboundHTTP
import TestTiming

@testable import CloudServices

/// The services of Google and a client that reaches them without a network.
struct GoogleScene: Sendable {
    static let configuration = "/etc/workload-identity/credential-configuration.json"
    static let tokenFile = "/var/run/service-account/token"
    static let host = "europe-west1-docker.pkg.dev"

    let google = EmbeddedGoogle(seconds: SceneTime.start)
    let settings = GoogleSettings()
    let files = FileBox()
    let time = SceneTime()

    init() {
        writeToken()
        writeConfiguration()
    }

    /// The environment of a pod with workload identity federation.
    var environment: [String: String] { ["GOOGLE_APPLICATION_CREDENTIALS": Self.configuration] }

    /// Writes the service account's token, as the kubelet does from time to time.
    func writeToken(
        issuer: String? = nil,
        subject: String? = nil,
        audience: String? = nil,
        expires: Int64 = SceneTime.start + 3600
    ) {
        files.write(
            Self.tokenFile,
            ServiceAccountToken.text(
                issuer: issuer ?? settings.issuer,
                subject: subject ?? settings.subject,
                audience: audience ?? "https:\(settings.audience)",
                expires: expires
            )
        )
    }

    /// Writes the configuration as `gcloud iam workload-identity-pools create-cred-config` does.
    func writeConfiguration(_ change: (inout [String: JSONValue]) -> Void = { _ in }) {
        var members: [String: JSONValue] = [
            "universe_domain": "googleapis.com", "type": "external_account", "audience": .string(settings.audience),
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token",
            "credential_source": ["file": .string(Self.tokenFile), "format": ["type": "text"]],
            "service_account_impersonation_url": .string(
                "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/\(settings.account):generateAccessToken"
            ),
        ]
        change(&members)
        files.write(
            Self.configuration,
            String(decoding: JSONSerializer().bytes(.object(members)), as: UTF8.self)
        )
    }

    func source(
        _ identity: GoogleIdentity = .federated(configuration: configuration),
        after base: any CredentialSource = AnonymousCredentials(),
        gate: Latch? = nil
    ) -> GoogleRegistryCredentials {
        let (files, time) = (files, time)
        let wire = CloudWire(google, isDirect: false)
        let surroundings = CloudSurroundings(
            http: gate.map { HeldWire(wire: wire, gate: $0) } ?? wire as any HTTPExchange,
            direct: CloudWire(google, isDirect: true),
            clock: time.clock,
            now: { time.now },
            readFile: { path, _ in try files.read(path) }
        )
        return GoogleRegistryCredentials(identity, surroundings, after: base)
    }

    func advance(by seconds: Int64) {
        google.advance(by: seconds)
        time.advance(by: seconds)
    }

    static func repository(_ registry: String = host) throws -> RepositoryName {
        try RepositoryName(registry: registry, path: "shop/images/web")
    }
}
