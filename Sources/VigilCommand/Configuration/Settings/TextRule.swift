import CloudServices
import ImageTrust
import JSONModel
import OCIModel

/// What a text may be.
enum TextRule: Sendable, Hashable {
    /// Anything, or nothing.
    case anything
    /// `host:port` to listen on.
    case listenAddress
    /// A registry as image references write it.
    case registry
    /// A place with copies of images.
    case mirror
    /// What is particular about connections to a registry.
    case registryHost
    /// A host that may be asked about revocation.
    case revocationHost
    /// A host that counts as one of Azure's.
    case azureHost
    /// An audience of tokens.
    case audience
    /// The name of a namespace, or nothing.
    case namespaceOrNothing
    /// The name of an object.
    case objectName

    /// What is allowed, as the end of a sentence.
    var allowed: String {
        switch self {
        case .anything: "text"
        case .listenAddress: "host:port"
        case .registry: "a registry's host as in image references, such as localhost:5000"
        case .mirror:
            "FROM=TO=EVIDENCE or {from: …, to: …, evidence: …}, such as docker.io=mirror.local:5000/hub=both, with registries or "
                + "beginnings of repositories, and origin, mirror or both"
        case .registryHost:
            "HOST;ca=FILE;clientCertificate=FILE;clientKey=FILE;plainHTTP=true;proxy=URL or {host: …, ca: …}, with a "
                + "registry's host and one or more of the others"
        case .revocationHost: "a host or host:port, such as ocsp.internal:8080"
        case .azureHost: "a host or host:port, such as vault.internal"
        case .audience: "text without spaces and commas, such as vigil"
        case .namespaceOrNothing: "the name of a namespace, or nothing"
        case .objectName: "the name of an object: lower-case letters, digits, dashes and dots"
        }
    }

    /// Whether `text` is allowed.
    ///
    /// - Throws: ``SettingDefect`` where more can be said than what is allowed.
    func accepts(_ text: String) throws(SettingDefect) -> Bool {
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return false }
        switch self {
        case .anything: return true
        case .listenAddress: return ListenAddress(text) != nil
        case .registry: return (try? RepositoryName(registry: text, path: "x")) != nil
        case .mirror: return RegistryMirror(text) != nil
        case .registryHost:
            _ = try RegistryHost(text)
            return true
        case .revocationHost: return RevocationAccess.Host(text) != nil
        case .azureHost: return AzureAccess.host(text) != nil
        case .audience: return text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") }
        case .namespaceOrNothing: return text.isEmpty || Self.isName(text, limit: 63) && !text.utf8.contains(0x2E)
        case .objectName: return Self.isName(text, limit: 253)
        }
    }

    /// The text that stands for a group of values, where there is one.
    ///
    /// - Parameter members: the group.
    /// - Returns: the text; `nil` where the group is none of this kind.
    /// - Throws: ``SettingDefect`` that says what is wrong with the group.
    func text(of members: [String: JSONValue]) throws(SettingDefect) -> String? {
        switch self {
        case .registryHost: return try RegistryHost(members).description
        case .mirror:
            guard members.count == 3, let from = members["from"]?.string, let to = members["to"]?.string,
                let evidence = members["evidence"]?.string
            else { return nil }
            return "\(from)=\(to)=\(evidence)"
        default: return nil
        }
    }

    /// Whether `text` is a name as RFC 1123 and Kubernetes have it.
    private static func isName(_ text: String, limit: Int) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        guard !text.isEmpty, text.utf8.count <= limit else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last else { return false }
            return isLetter(first) && isLetter(last) && part.utf8.allSatisfy { isLetter($0) || $0 == 0x2D }
        }
    }
}
