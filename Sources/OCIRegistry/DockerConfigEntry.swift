internal import JSONModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// One entry of a Docker configuration: what proves to a registry who is asking.
enum DockerConfigEntry {
    /// `auth` is not the base64 form of `user:password`.
    struct Defect: Error {}

    /// The credential of an entry; `nil` when it holds none.
    ///
    /// Tokens go before passwords, and `auth` before `username` and `password`, as in docker's own reader. Base64 may
    /// come without its padding, as Kubernetes accepts it (pkg/credentialprovider/config.go,
    /// `decodeDockerConfigFieldAuth`).
    static func credential(_ value: JSONValue) throws(Defect) -> RegistryCredential? {
        if let token = value["identitytoken"]?.string, !token.isEmpty { return .identityToken(token) }
        if let token = value["registrytoken"]?.string, !token.isEmpty { return .accessToken(token) }
        if let auth = value["auth"]?.string, !auth.isEmpty {
            let padding = auth.hasSuffix("=") ? 0 : (4 - auth.utf8.count % 4) % 4
            guard let data = Data(base64Encoded: auth + String(repeating: "=", count: padding)),
                let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":"),
                colon != text.startIndex
            else { throw Defect() }
            let password = text[text.index(after: colon)...]
            return credential(String(text[..<colon]), String(password.prefix { $0 != "\0" }))
        }
        if let username = value["username"]?.string, !username.isEmpty {
            return credential(username, value["password"]?.string ?? "")
        }
        return nil
    }

    /// A user and a password; the user `<token>` says that the password is an identity token, as credential helpers do
    /// (docker-credential-helpers, README.md).
    static func credential(_ username: String, _ password: String) -> RegistryCredential {
        username == "<token>" && !password.isEmpty
            ? .identityToken(password) : .basic(username: username, password: password)
    }
}
