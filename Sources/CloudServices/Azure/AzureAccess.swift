internal import OutboundHTTP

/// Which hosts are given tokens of Azure.
///
/// Policies name vaults and images name registries, and so whoever writes one could have a token sent to a machine of
/// his own: nothing is sent to a host outside the domains that Microsoft keeps, unless whoever runs this program names
/// it.
public struct AzureAccess: Sendable, Hashable {
    /// Hosts that count as Azure's, as `host` or `host:port`, in lower case: a vault behind a name of one's own, or a
    /// stand-in.
    ///
    /// They belong to the public cloud.
    public let additionalHosts: Set<String>

    /// Creates the access.
    ///
    /// - Parameter additionalHosts: as `host` or `host:port`, in lower case.
    public init(additionalHosts: Set<String> = []) { self.additionalHosts = additionalHosts }

    /// Checks the name of a host, as ``additionalHosts`` holds it; `nil` for anything else.
    public static func host(_ text: String) -> String? {
        guard !text.utf8.contains(UInt8(ascii: "/")), let url = try? OutboundURL("https://\(text)"), url.path == "/",
            url.query == nil
        else { return nil }
        return url.authority
    }

    /// The cloud of a vault; `nil` for a host that is none.
    func cloud(ofVault url: OutboundURL) -> AzureCloud? { cloud(of: url, below: \.vaultDomain) }

    /// The cloud of a container registry; `nil` for a host that is none.
    func cloud(ofRegistry url: OutboundURL) -> AzureCloud? { cloud(of: url, below: \.registryDomain) }

    /// Whether an identity service may be asked.
    func allows(authority url: OutboundURL) -> Bool {
        url.scheme == .https
            && ((url.port == 443 && AzureCloud.allCases.contains { $0.authorityHosts.contains(url.host) })
                || additionalHosts.contains(url.authority))
    }

    private func cloud(of url: OutboundURL, below domain: (AzureCloud) -> String) -> AzureCloud? {
        guard url.scheme == .https else { return nil }
        if additionalHosts.contains(url.authority) { return .global }
        guard url.port == 443 else { return nil }
        return AzureCloud.allCases.first { cloud in
            let suffix = ".\(domain(cloud))"
            guard url.host.hasSuffix(suffix) else { return false }
            // One label: the names that Azure gives out hold no dots.
            let name = url.host.dropLast(suffix.count).utf8
            return !name.isEmpty && !name.contains(UInt8(ascii: "."))
        }
    }
}
