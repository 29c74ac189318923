internal import JSONModel
internal import OutboundHTTP

/// How tokens of the cluster are exchanged for those of Google: the file that `gcloud iam workload-identity-pools
/// create-cred-config` writes (AIP-4117, "External Account Credentials"; IAM, "Configure Workload Identity Federation
/// with other identity providers").
///
/// Google asks to check such files before they are used, since they say where tokens are sent. Here only Google's own
/// services can be named, and nothing in the file is run.
struct FederatedConfiguration: Sendable, Hashable {
    /// Where the token of the cluster is, and how it is written there.
    struct Source: Sendable, Hashable {
        var file: String
        /// The member that holds the token where the file is JSON; `nil` where it is the token.
        var field: String?
    }

    /// The provider of the pool.
    let audience: String
    /// What kind of token the cluster's is.
    let subjectTokenType: String
    /// The cluster's token.
    let source: Source
    /// The address of the service account to act as; `nil` to act as the principal of the pool itself.
    let impersonation: OutboundURL?
    /// How long tokens of that service account are to live, in seconds.
    let lifetime: Int64

    /// The token service.
    static let tokenURL = "https://sts.googleapis.com/v1/token"
    /// The service that gives tokens of service accounts.
    static let impersonationHost = "iamcredentials.googleapis.com"
    /// The largest file, in bytes.
    static let maximumBytes = 65_536

    /// Reads a file.
    ///
    /// - Throws: ``CloudError`` with code `misconfigured`, naming the member that cannot be used.
    init(in path: String, _ surroundings: CloudSurroundings) throws(CloudError) {
        let bytes: [UInt8]
        do {
            bytes = try surroundings.readFile(path, Self.maximumBytes)
        } catch {
            throw CloudError(
                .misconfigured,
                "GOOGLE_APPLICATION_CREDENTIALS names a file that cannot be read: \(error)"
            )
        }
        guard let object = ServiceBody.object(bytes) else {
            throw CloudError(.misconfigured, "\(path) (GOOGLE_APPLICATION_CREDENTIALS) holds no JSON object")
        }
        do throws(Defect) {
            try self.init(object)
        } catch {
            throw CloudError(.misconfigured, "\(path) (GOOGLE_APPLICATION_CREDENTIALS): \(error.message)")
        }
    }

    /// Why a configuration cannot be used.
    struct Defect: Error {
        let message: String
    }

    /// Reads the content of a file.
    ///
    /// - Throws: ``Defect``, naming the member that cannot be used.
    init(_ object: JSONValue) throws(Defect) {
        guard object["type"]?.string == "external_account" else {
            throw Defect(
                message:
                    "type is not external_account; a key of a service account belongs into a Docker configuration, "
                    + "with the user _json_key"
            )
        }
        guard (object["universe_domain"]?.string ?? "googleapis.com") == "googleapis.com" else {
            throw Defect(message: "universe_domain is not googleapis.com; other clouds than Google's own are not asked")
        }
        audience = try Self.text(object["audience"], "audience")
        guard audience.hasPrefix("//iam.googleapis.com/") else {
            throw Defect(message: "audience does not begin with //iam.googleapis.com/")
        }
        subjectTokenType = try Self.text(object["subject_token_type"], "subject_token_type")
        guard object["token_url"]?.string == Self.tokenURL else {
            throw Defect(message: "token_url is not \(Self.tokenURL); the cluster's token is sent nowhere else")
        }
        source = try Self.source(object["credential_source"])
        impersonation = try object["service_account_impersonation_url"]?.string.map { text throws(Defect) in
            try Self.impersonation(text)
        }
        let life = object["service_account_impersonation"]?["token_lifetime_seconds"]?.integer ?? 3600
        guard (600...GoogleToken.maximumLife).contains(life) else {
            throw Defect(message: "token_lifetime_seconds is not between 600 and \(GoogleToken.maximumLife)")
        }
        lifetime = life
    }

    private static func text(_ value: JSONValue?, _ name: String) throws(Defect) -> String {
        guard let text = value?.string, (1...1024).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw Defect(message: "\(name) is missing, or no plain text") }
        return text
    }

    private static func source(_ value: JSONValue?) throws(Defect) -> Source {
        guard let file = value?["file"]?.string, !file.isEmpty, value?["url"] == nil, value?["executable"] == nil else {
            throw Defect(message: "credential_source names no file; other sources are not asked, and no program is run")
        }
        switch value?["format"]?["type"]?.string ?? "text" {
        case "text": return Source(file: file, field: nil)
        case "json":
            return Source(
                file: file,
                field: try text(value?["format"]?["subject_token_field_name"], "subject_token_field_name")
            )
        default: throw Defect(message: "format.type of credential_source is neither text nor json")
        }
    }

    /// Accepts `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/NAME:generateAccessToken` alone.
    private static func impersonation(_ text: String) throws(Defect) -> OutboundURL {
        let prefix = "/v1/projects/-/serviceAccounts/"
        let suffix = ":generateAccessToken"
        guard let url = try? OutboundURL(text), url.origin == "https://\(impersonationHost)", url.query == nil,
            url.path.hasPrefix(prefix), url.path.hasSuffix(suffix), url.path.utf8.count <= 512
        else {
            throw Defect(
                message:
                    "service_account_impersonation_url is not of the form https://\(impersonationHost)\(prefix)NAME\(suffix)"
            )
        }
        let name = url.path.dropFirst(prefix.count).dropLast(suffix.count)
        guard !name.isEmpty, !name.contains("/"), !name.contains(":") else {
            throw Defect(message: "service_account_impersonation_url names no service account")
        }
        return url
    }
}
