import ImageTrust
import OCIRegistry
import OperatorEndpoints
import OutboundHTTP

/// A configuration with the content of the files that it names: what is compared, and swapped, as a whole.
struct ReadConfiguration: Sendable, Hashable {
    var configuration: OperatorConfiguration
    /// Certificate authorities for registries, PEM.
    var authoritiesPEM: [UInt8]?
    /// The files of ``OperatorConfiguration/hosts``, by path.
    var hostFiles: [String: [UInt8]] = [:]
    /// Credentials, written as a pull secret is.
    var credentials: [UInt8]?
    /// What is served with in TLS, PEM.
    var serving: ServingFiles?

    /// The content of a certificate's file and of its key's.
    struct ServingFiles: Sendable, Hashable {
        var certificate: [UInt8]
        var key: [UInt8]
    }

    /// The same with every setting that waits for a restart as `other` has it.
    func keepingRestartSettings(of other: ReadConfiguration) -> ReadConfiguration {
        var kept = self
        for setting in Setting.all where setting.effect != .live {
            setting.assign(setting.value(other.configuration), &kept.configuration)
        }
        // Where other files are named than those in force, what is in these was not read.
        let names: [(OperatorConfiguration) -> String?] = [\.tlsCertificateFile, \.tlsKeyFile]
        if names.contains(where: { $0(configuration) != $0(other.configuration) }) { kept.serving = other.serving }
        return kept
    }

    /// What is served with in TLS; `nil` for plain HTTP.
    ///
    /// - Throws: ``InputError`` naming the file that cannot be used.
    func servingCertificate() throws(InputError) -> ServingCertificate.Pair? {
        guard let serving else { return nil }
        do throws(ServingCertificateError) {
            return try ServingCertificate.Pair(certificatePEM: serving.certificate, keyPEM: serving.key)
        } catch {
            let path = error.part == .key ? configuration.tlsKeyFile : configuration.tlsCertificateFile
            throw InputError("\(path ?? ""): \(error.message)")
        }
    }

    /// The keys of settings whose value, or whose file, is another in `other`.
    func differences(from other: ReadConfiguration) -> [String] {
        Setting.all.filter { setting in
            setting.value(configuration) != setting.value(other.configuration)
                || (setting.key == Setting.registryAuthorityFile.key && authoritiesPEM != other.authoritiesPEM)
                || (setting.key == Setting.registryHosts.key && hostFiles != other.hostFiles)
                || (setting.key == Setting.registryCredentialsFile.key && credentials != other.credentials)
                || (setting.key == Setting.tlsCertificateFile.key && serving?.certificate != other.serving?.certificate)
                || (setting.key == Setting.tlsKeyFile.key && serving?.key != other.serving?.key)
        }.map(\.key)
    }

    /// Whether registries or revocation services are asked otherwise than by `other`.
    func asksRegistriesOtherwise(than other: ReadConfiguration) -> Bool {
        differences(from: other).contains { $0.hasPrefix("registry.") || $0.hasPrefix("revocation.") }
    }

    /// Where the copies of images are.
    ///
    /// - Throws: ``InputError`` when the mirrors contradict each other.
    func mirrors() throws(InputError) -> RegistryMirrors {
        do throws(RegistryMirrors.Defect) {
            return try configuration.mirrors
        } catch {
            throw InputError(error.message)
        }
    }

    /// How registries and revocation services are asked.
    ///
    /// - Parameter proxies: which requests go through a proxy, as the environment says.
    /// - Returns: the options, with the content of the files.
    /// - Throws: ``InputError`` naming the file that cannot be used.
    func registryOptions(proxies: ProxySettings) throws(InputError) -> RegistryOptions {
        var options = RegistryOptions(plainHTTPHosts: Set(configuration.plainHTTPRegistries), proxies: proxies)
        options.revocationHosts = Set(configuration.revocationHosts.compactMap(RevocationAccess.Host.init))
        options.authoritiesPEM = authoritiesPEM
        for host in configuration.hosts {
            if host.usesPlainHTTP { options.plainHTTPHosts.insert(host.registry) }
            let connection = try RegistryConnection(host, files: hostFiles)
            if connection.isParticular { options.connections.append(connection) }
            if let service = host.tokenService { options.tokenServices[host.registry, default: []].insert(service) }
        }
        if let credentials { try Self.add(credentials, of: configuration.registryCredentialsFile ?? "", to: &options) }
        return options
    }

    private static func add(
        _ credentials: [UInt8],
        of path: String,
        to options: inout RegistryOptions
    ) throws(InputError) {
        do throws(RegistryKeyring.Defect) {
            options.keyring = try RegistryKeyring(file: credentials)
        } catch {
            throw InputError("\(path): it \(error.message)")
        }
        do throws(RegistryError) {
            options.credentials = try DockerConfigCredentials(helpersOf: credentials)
        } catch {
            throw InputError("\(path): \(error.message)")
        }
    }
}
