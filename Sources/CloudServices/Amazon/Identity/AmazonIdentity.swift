public import OutboundHTTP

/// Who this program is to AWS.
public enum AmazonIdentity: Sendable, Hashable {
    /// A role that trusts the cluster's tokens (IAM roles for service accounts).
    case role(AmazonRole)
    /// The role that the agent of EKS Pod Identity on the node gives to the service account.
    case pod(AmazonPodIdentity)
}

/// A role of AWS that accepts tokens of the cluster, for a service account.
public struct AmazonRole: Sendable, Hashable {
    /// The role, as `arn:aws:iam::111122223333:role/vigil`.
    public let arn: String
    /// What the session is called in AWS's logs.
    public let sessionName: String
    /// Where the kubelet keeps the service account's token; it is replaced there from time to time.
    public let tokenFile: String
    /// The region whose token service is asked; `nil` for that of the registry.
    let region: AmazonRegion?
}

/// A role that an agent on the node gives.
public struct AmazonPodIdentity: Sendable, Hashable {
    /// Where the agent answers.
    public let endpoint: OutboundURL
    /// Where the kubelet keeps the service account's token for the agent.
    public let tokenFile: String
}

extension AmazonIdentity {
    /// The addresses of the agent, on every node (Amazon EKS User Guide, "Understand how EKS Pod Identity works").
    static let agents = ["http://169.254.170.23", "http://[fd00:ec2::23]"]

    /// The identity that the environment describes, as EKS puts it into a pod; `nil` where it describes none.
    ///
    /// The role of the node is nobody's here: others on it may be meant by it. Half an identity is an error.
    ///
    /// - Parameter environment: `AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_SESSION_NAME`, `AWS_REGION` and
    ///   `AWS_DEFAULT_REGION`, which go first, or `AWS_CONTAINER_CREDENTIALS_FULL_URI` and
    ///   `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
    /// - Throws: ``CloudError`` with code `misconfigured`, naming the variable.
    public init?(environment: [String: String]) throws(CloudError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let tokenFile = value("AWS_WEB_IDENTITY_TOKEN_FILE") {
            guard let arn = value("AWS_ROLE_ARN") else {
                throw CloudError(
                    .misconfigured,
                    "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not; annotate the service account with "
                        + "eks.amazonaws.com/role-arn"
                )
            }
            self = .role(
                AmazonRole(
                    arn: try Self.role(arn),
                    sessionName: try Self.sessionName(value("AWS_ROLE_SESSION_NAME")),
                    tokenFile: tokenFile,
                    region: try (value("AWS_REGION") ?? value("AWS_DEFAULT_REGION")).map(Self.region)
                )
            )
            return
        }
        guard let endpoint = value("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard let tokenFile = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            throw CloudError(
                .misconfigured,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is set and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not"
            )
        }
        self = .pod(AmazonPodIdentity(endpoint: try Self.agent(endpoint), tokenFile: tokenFile))
    }

    private static func role(_ text: String) throws(CloudError) -> String {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), parts.count == 6,
            parts[0] == "arn", parts[2] == "iam", parts[5].hasPrefix("role/")
        else {
            throw CloudError(.misconfigured, "AWS_ROLE_ARN is no role such as arn:aws:iam::111122223333:role/vigil")
        }
        return text
    }

    private static func sessionName(_ text: String?) throws(CloudError) -> String {
        guard let text else { return "vigil" }
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "_+=,.@-".utf8.contains(byte)
            }
        }
        guard isName, (2...64).contains(text.utf8.count) else {
            throw CloudError(
                .misconfigured,
                "AWS_ROLE_SESSION_NAME has other than 2 to 64 of letters, digits and _+=,.@-"
            )
        }
        return text
    }

    private static func region(_ text: String) throws(CloudError) -> AmazonRegion {
        guard let region = AmazonRegion(text) else {
            throw CloudError(.misconfigured, "AWS_REGION is no region such as eu-central-1")
        }
        return region
    }

    private static func agent(_ text: String) throws(CloudError) -> OutboundURL {
        guard let url = try? OutboundURL(text), agents.contains(url.origin) else {
            throw CloudError(
                .misconfigured,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI names another host than the agent of EKS Pod Identity, "
                    + "\(agents.joined(separator: " or ")); the service account's token is not sent there"
            )
        }
        return url
    }
}
