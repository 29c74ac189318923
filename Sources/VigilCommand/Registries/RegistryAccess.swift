import ImageTrust
import OCIModel
import OCIRegistry
import OutboundHTTP

/// How registries are to be asked, as the command line says it.
struct RegistryAccess: Sendable {
    /// How long one image may take.
    var timeout: Duration
    /// Whether every registry is asked over plain HTTP.
    var plainHTTPEverywhere: Bool
    /// Registries that are.
    var plainHTTPHosts: Set<String>
    /// A file with further certificate authorities.
    var authorityFile: String?
    /// A configuration of the operator, whose settings of registries hold where the command line says nothing.
    var configuration: ReadConfiguration?
    /// Where the copies of images are.
    var mirrors: RegistryMirrors
    /// Who is asking, with the password on standard input.
    var username: String?

    /// The way to the registries of `repositories`, with what the environment adds: proxies, credentials, the password.
    ///
    /// - Parameters:
    ///   - repositories: what is read, named by its origin.
    ///   - environment: the program's.
    /// - Returns: the options.
    /// - Throws: ``InputError`` when a file or a variable cannot be used.
    func options(
        for repositories: Set<RepositoryName>,
        in environment: CommandEnvironment
    ) throws(InputError) -> RegistryOptions {
        let asked = Set(mirrors.asked(repositories).map(\.registry))
        let proxies = try ProxySettings.read(environment.variables)
        var access = try configuration?.registryOptions(proxies: proxies) ?? RegistryOptions(proxies: proxies)
        access.timeout = timeout
        access.usesPlainHTTPEverywhere = plainHTTPEverywhere
        access.plainHTTPHosts.formUnion(plainHTTPHosts)
        if let path = authorityFile {
            access.authoritiesPEM = try BoundedFile.read(path, limit: InputLimits.certificateBytes)
        }
        if access.authoritiesPEM == nil {
            // As notation, docker and containerd do: a registry on this machine seldom has a certificate.
            let secured = Set(
                access.connections.filter { $0.authoritiesPEM != nil || $0.identity != nil }.map(\.registry)
            )
            access.plainHTTPHosts.formUnion(
                asked.subtracting(secured)
                    .filter { $0 == "localhost" || $0.hasPrefix("localhost:") }
            )
        }
        if username != nil || configuration?.credentials == nil {
            access.keyring = RegistryKeyring()
            access.credentials = try credentials(for: asked, in: environment)
        }
        return access
    }

    private func credentials(
        for registries: Set<String>,
        in environment: CommandEnvironment
    ) throws(InputError) -> any CredentialSource {
        if let username {
            guard registries.count <= 1, let registry = registries.first else {
                throw InputError(
                    "--username is for one registry, and \(registries.sorted().joined(separator: ", ")) are asked; use "
                        + "docker login for each of them"
                )
            }
            let bytes = try environment.standardInput(InputLimits.passwordBytes)
            guard var password = String(validating: bytes, as: UTF8.self) else {
                throw InputError("--password-stdin: the password is not UTF-8 text")
            }
            while password.last?.isNewline == true { password.removeLast() }
            guard !password.isEmpty else { throw InputError("--password-stdin: standard input holds no password") }
            return SingleRegistryCredential(registry: registry, username: username, password: password)
        }
        let folder =
            environment.variables["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
            ?? environment.home.map { "\($0)/.docker" }
        guard let folder else { return AnonymousCredentials() }
        let path = "\(folder)/config.json"
        guard BoundedFile.kindFollowingLinks(of: path) != .missing else { return AnonymousCredentials() }
        let bytes = try BoundedFile.read(path, limit: InputLimits.certificateBytes)
        do throws(RegistryError) {
            return try DockerConfigCredentials(
                bytes,
                helpers: CredentialHelperPrograms(
                    variables: environment.variables,
                    clock: environment.clock,
                    now: environment.now
                )
            )
        } catch {
            throw InputError("\(path): \(error.message)")
        }
    }
}

extension ProxySettings {
    /// The proxies that the environment names.
    ///
    /// - Throws: ``InputError`` naming the variable that cannot be used.
    static func read(_ environment: [String: String]) throws(InputError) -> ProxySettings {
        do throws(OutboundError) {
            return try ProxySettings(environment: environment)
        } catch {
            throw InputError(error.message)
        }
    }
}
