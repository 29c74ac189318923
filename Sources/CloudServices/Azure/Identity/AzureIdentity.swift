public import OutboundHTTP

/// Who this program is to Azure.
public enum AzureIdentity: Sendable, Hashable {
    /// An application that trusts the cluster's tokens (workload identity federation).
    case workload(WorkloadIdentity)
    /// An identity of the machine, which its metadata service vouches for.
    case managed(ManagedIdentity)

    /// The tenant, where it is known beforehand.
    public var tenantID: String? {
        switch self {
        case .workload(let identity): identity.tenantID
        case .managed: nil
        }
    }
}

/// An application of Microsoft Entra that accepts tokens of another issuer: the cluster, for a service account.
public struct WorkloadIdentity: Sendable, Hashable {
    /// The application's identifier.
    public let clientID: String
    /// The tenant that the application is in.
    public let tenantID: String
    /// Where the kubelet keeps the service account's token; it is replaced there from time to time.
    public let tokenFile: String
    /// The identity service.
    public let authority: OutboundURL
}

/// An identity assigned to the machine.
public struct ManagedIdentity: Sendable, Hashable {
    /// Which of several; `nil` where there is one.
    public let clientID: String?
}

extension AzureIdentity {
    /// The identity that the environment describes: what the webhook of Azure Workload Identity puts into a pod, else the
    /// machine's.
    ///
    /// Half of a workload identity is an error, and no reason to go on as the machine, which may do other things.
    ///
    /// - Parameters:
    ///   - environment: `AZURE_CLIENT_ID`, `AZURE_TENANT_ID`, `AZURE_FEDERATED_TOKEN_FILE` and `AZURE_AUTHORITY_HOST`.
    ///   - access: which hosts may be asked.
    /// - Throws: ``CloudError`` with code `misconfigured`, naming the variable.
    public init(environment: [String: String], access: AzureAccess = AzureAccess()) throws(CloudError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let clientID = try value("AZURE_CLIENT_ID").map { text throws(CloudError) in
            try Self.identifier(text, "AZURE_CLIENT_ID")
        }
        guard let tokenFile = value("AZURE_FEDERATED_TOKEN_FILE") else {
            self = .managed(ManagedIdentity(clientID: clientID))
            return
        }
        guard let clientID, let tenant = value("AZURE_TENANT_ID") else {
            let missing = clientID == nil ? "AZURE_CLIENT_ID" : "AZURE_TENANT_ID"
            throw CloudError(
                .misconfigured,
                "AZURE_FEDERATED_TOKEN_FILE is set and \(missing) is not; annotate the service account with "
                    + "azure.workload.identity/\(clientID == nil ? "client-id" : "tenant-id")"
            )
        }
        self = .workload(
            WorkloadIdentity(
                clientID: clientID,
                tenantID: try Self.identifier(tenant, "AZURE_TENANT_ID"),
                tokenFile: tokenFile,
                authority: try Self.authority(value("AZURE_AUTHORITY_HOST"), access)
            )
        )
    }

    /// An identifier or a domain name: what may stand in a path without being encoded.
    private static func identifier(_ text: String, _ variable: String) throws(CloudError) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isPlain, text.utf8.count <= 128, !text.hasPrefix(".") else {
            throw CloudError(
                .misconfigured,
                "\(variable) is no identifier such as 11111111-2222-3333-4444-555555555555"
            )
        }
        return text
    }

    private static func authority(_ text: String?, _ access: AzureAccess) throws(CloudError) -> OutboundURL {
        let text = text ?? "https://login.microsoftonline.com/"
        guard let url = try? OutboundURL(text), url.path == "/", url.query == nil else {
            throw CloudError(
                .misconfigured,
                "AZURE_AUTHORITY_HOST is no address such as https://login.microsoftonline.com/"
            )
        }
        guard access.allows(authority: url) else {
            throw CloudError(
                .misconfigured,
                "AZURE_AUTHORITY_HOST names \(url.origin), which is no identity service of Azure over https; the service "
                    + "account's token is not sent there"
            )
        }
        return url
    }
}
