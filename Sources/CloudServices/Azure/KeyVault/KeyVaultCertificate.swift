public import OutboundHTTP

/// A certificate in a vault, and which versions of it are meant.
public struct KeyVaultCertificate: Sendable, Hashable, CustomStringConvertible {
    /// The most versions that are read; of more, the newest.
    public static let maximumVersions = 16

    /// The vault.
    public let vault: OutboundURL
    /// What tokens for the vault are asked for.
    public let resource: AzureResource
    /// The certificate's name.
    public let name: String
    /// The versions; empty for every one that is enabled.
    public let versions: [String]

    /// Names a certificate.
    ///
    /// - Parameters:
    ///   - vaultURI: such as `https://shop.vault.azure.net`.
    ///   - name: its name: letters, digits and `-`, 127 at most.
    ///   - versions: versions of 32 hexadecimal digits; empty for every one that is enabled.
    ///   - access: which hosts may be asked.
    /// - Throws: ``CloudError`` with code `misconfigured`.
    public init(
        vaultURI: String,
        name: String,
        versions: [String] = [],
        access: AzureAccess = AzureAccess()
    ) throws(CloudError) {
        let shown = URLRedaction.printable(vaultURI, limit: 128)
        guard let url = try? OutboundURL(vaultURI), url.path == "/", url.query == nil, url.scheme == .https else {
            throw CloudError(.misconfigured, "\(shown) is no vault; write it as https://NAME.vault.azure.net")
        }
        guard let cloud = access.cloud(ofVault: url) else {
            throw CloudError(
                .misconfigured,
                "\(url.origin) is no vault of Azure: its host is not NAME.vault.azure.net, NAME.vault.azure.cn or "
                    + "NAME.vault.usgovcloudapi.net; no token is sent there"
            )
        }
        guard Self.isName(name) else {
            throw CloudError(.misconfigured, "a certificate's name has letters, digits and -, 127 at most")
        }
        guard versions.count <= Self.maximumVersions, versions.allSatisfy(Self.isVersion) else {
            throw CloudError(
                .misconfigured,
                "a version has 32 digits and letters a to f, and at most \(Self.maximumVersions) are named"
            )
        }
        vault = url
        resource = .vaults(of: cloud)
        self.name = name
        self.versions = versions
    }

    /// The vault's host, with its port where that is not the customary one.
    public var host: String { vault.authority }

    /// `certificate NAME of https://shop.vault.azure.net`.
    public var description: String { "certificate \(name) of \(vault.origin)" }

    static func isName(_ text: String) -> Bool {
        (1...127).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    static func isVersion(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// What the identifier of an object in a vault says: `https://VAULT/secrets/NAME/VERSION`.
struct KeyVaultIdentifier: Sendable, Hashable {
    let version: String

    /// Reads the identifier of an object that was asked for; `nil` when it names another vault, kind or object.
    init?(_ text: String?, kind: KeyVaultKind, of certificate: KeyVaultCertificate) {
        guard let text, let url = try? OutboundURL(text), url.origin == certificate.vault.origin, url.query == nil
        else {
            return nil
        }
        let parts = url.path.split(separator: "/", omittingEmptySubsequences: false)
        // Names of objects are the same in any case.
        guard parts.count == 4, parts[0].isEmpty, parts[1] == kind.rawValue,
            parts[2].lowercased() == certificate.name.lowercased(), KeyVaultCertificate.isVersion(String(parts[3]))
        else { return nil }
        version = String(parts[3])
    }
}

/// The two views that a vault has of a certificate.
enum KeyVaultKind: String, Sendable {
    /// The certificate with its chain, and with its private key where that is exportable.
    case secrets
    /// The certificate alone.
    case certificates
}
