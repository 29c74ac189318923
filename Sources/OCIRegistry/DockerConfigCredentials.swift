internal import JSONModel
public import OCIModel

/// The credentials of a Docker `config.json`, as docker's own clients read it; pull secrets are read as a
/// ``RegistryKeyring``.
///
/// A key of `auths` names a registry by its whole host, with or without `https://` and a `/v1/` or `/v2/` behind it;
/// `https://index.docker.io/v1/` stands for `docker.io`. A key with a path (`registry.example.com/team`) speaks for the
/// repositories below that path; the longest one wins. There are no wildcards.
///
/// Credential helpers are programs: they are asked about a registry that `credHelpers` names, or that has no credential of
/// its own while `credsStore` is set. Where there is nobody to run them, such credentials are out of reach, and asking for
/// them is an error.
public struct DockerConfigCredentials: CredentialSource {
    private let entries: [String: RegistryCredential]
    private let helpers: [String: String]
    private let store: String?
    private let programs: (any CredentialHelpers)?

    /// Reads a configuration of at most 1 MiB.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - programs: runs credential helpers; `nil` to run none.
    /// - Throws: ``RegistryError`` with code `credentialsUnavailable`; the message names the entry, never its content.
    public init(_ bytes: [UInt8], helpers programs: (any CredentialHelpers)? = nil) throws(RegistryError) {
        let root = try Self.root(bytes)
        var entries: [String: RegistryCredential] = [:]
        for (key, value) in root["auths"]?.object ?? [:] {
            guard let name = Self.normalised(key) else {
                throw Self.unusable("the entry \(Self.quoted(key)) of auths names no registry", host: "")
            }
            guard let credential = try Self.credential(value, key: key) else { continue }
            // The same registry may be listed under several spellings; which one counts must not depend on order.
            if let other = entries[name], other != credential {
                throw Self.unusable("auths holds two different credentials for \(name)", host: name)
            }
            entries[name] = credential
        }
        self.init(root, entries: entries, programs: programs)
    }

    /// Reads of a configuration only which credentials are kept by programs; asking for those is an error.
    ///
    /// For whoever reads the others as a ``RegistryKeyring``, and must not take the rest for open to everybody.
    ///
    /// - Parameter bytes: the content of the file, of at most 1 MiB.
    /// - Throws: ``RegistryError`` with code `credentialsUnavailable`.
    public init(helpersOf bytes: [UInt8]) throws(RegistryError) {
        self.init(try Self.root(bytes), entries: [:], programs: nil)
    }

    private static func root(_ bytes: [UInt8]) throws(RegistryError) -> [String: JSONValue] {
        let json: JSONValue
        do {
            json = try JSONParser(limits: JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16)).parse(bytes)
        } catch {
            throw unusable("it is not JSON (\(error))", host: "")
        }
        guard let root = json.object else { throw unusable("it is not a JSON object", host: "") }
        return root
    }

    private init(
        _ root: [String: JSONValue],
        entries: [String: RegistryCredential],
        programs: (any CredentialHelpers)?
    ) {
        self.entries = entries
        self.programs = programs
        var helpers: [String: String] = [:]
        for (key, value) in root["credHelpers"]?.object ?? [:] {
            if let name = Self.normalised(key), let helper = value.string { helpers[name] = helper }
        }
        self.helpers = helpers
        store = root["credsStore"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The credential for a repository.
    public func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? {
        let host = Self.canonical(repository.registry.lowercased())
        if let helper = helpers[host] { return try await ask(helper, host, repository) }
        var path = Substring("\(host)/\(repository.path)")
        while true {
            if let credential = entries[String(path)] { return credential }
            guard let slash = path.lastIndex(of: "/") else { break }
            path = path[..<slash]
        }
        if let store { return try await ask(store, host, repository) }
        return nil
    }

    /// Asks a program.
    private func ask(
        _ helper: String,
        _ host: String,
        _ repository: RepositoryName
    ) async throws(RegistryError) -> RegistryCredential? {
        guard let programs else { throw Self.outOfReach(helper, repository) }
        func failure(_ code: RegistryError.Code, _ message: String) -> RegistryError {
            RegistryError(
                code,
                "the credentials for \(repository) cannot be had: \(CredentialHelper.prefix)\(helper.prefix(64)) \(message)",
                host: repository.registry,
                repository: repository.path
            )
        }
        guard CredentialHelper.isName(helper) else {
            throw Self.unusable("it names a credential helper that is no name of a program", host: repository.registry)
        }
        // Docker Hub is kept under this address (docker/cli, `registry.IndexServer`).
        let server = host == "docker.io" ? "https://index.docker.io/v1/" : host
        let output: CredentialHelperOutput
        do throws(CredentialHelperFailure) {
            output = try await programs.output(of: helper, server: server)
        } catch {
            throw failure(error.isCancellation ? .cancelled : .credentialsUnavailable, error.message)
        }
        do throws(CredentialHelper.Defect) {
            return try CredentialHelper.credential(output)
        } catch {
            throw failure(.credentialsUnavailable, error.message)
        }
    }

    private static func credential(_ value: JSONValue, key: String) throws(RegistryError) -> RegistryCredential? {
        do throws(DockerConfigEntry.Defect) {
            return try DockerConfigEntry.credential(value)
        } catch {
            throw unusable("auth of \(quoted(key)) is not the base64 form of user:password", host: key)
        }
    }

    private static func normalised(_ key: String) -> String? {
        var rest = Substring(key)
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty, !first.contains("@"), !first.contains("*") else { return nil }
        let host = canonical(first.lowercased())
        guard parts.count == 2, parts[1] != "v1", parts[1] != "v2" else { return host }
        return "\(host)/\(parts[1])"
    }

    private static func canonical(_ host: String) -> String {
        RegistryEndpoint.dockerHubNames.contains(host) ? "docker.io" : host
    }

    private static func quoted(_ key: String) -> String { "\"\(key.prefix(80))\"" }

    private static func unusable(_ cause: String, host: String) -> RegistryError {
        RegistryError(
            .credentialsUnavailable,
            "the Docker configuration cannot be used: \(cause)",
            host: host,
            repository: ""
        )
    }

    private static func outOfReach(_ helper: String, _ repository: RepositoryName) -> RegistryError {
        RegistryError(
            .credentialsUnavailable,
            "the credentials for \(repository) are kept by the credential helper "
                + "docker-credential-\(helper.prefix(40)), which is not run; put them into auths, or use a pull secret",
            host: repository.registry,
            repository: repository.path
        )
    }
}
