import ImageTrust
import OCIRegistry
import OutboundHTTP

/// A configuration with the content of the files that it names: what is compared, and swapped, as a whole.
struct ReadConfiguration: Sendable, Hashable {
    var configuration: OperatorConfiguration
    /// Certificate authorities for registries, PEM.
    var authoritiesPEM: [UInt8]?
    /// A Docker `config.json`.
    var credentials: [UInt8]?

    /// The same with every setting that waits for a restart as `other` has it.
    func keepingRestartSettings(of other: OperatorConfiguration) -> ReadConfiguration {
        var kept = self
        for setting in Setting.all where setting.effect != .live {
            setting.assign(setting.value(other), &kept.configuration)
        }
        return kept
    }

    /// The keys of settings whose value, or whose file, is another in `other`.
    func differences(from other: ReadConfiguration) -> [String] {
        Setting.all.filter { setting in
            setting.value(configuration) != setting.value(other.configuration)
                || (setting.key == Setting.registryAuthorityFile.key && authoritiesPEM != other.authoritiesPEM)
                || (setting.key == Setting.registryCredentialsFile.key && credentials != other.credentials)
        }.map(\.key)
    }

    /// Whether registries or revocation services are asked otherwise than by `other`.
    func asksRegistriesOtherwise(than other: ReadConfiguration) -> Bool {
        differences(from: other).contains { $0.hasPrefix("registry.") || $0.hasPrefix("revocation.") }
    }

    /// How registries and revocation services are asked.
    ///
    /// - Parameter proxies: which requests go through a proxy, as the environment says.
    /// - Returns: the options, with the content of the files.
    /// - Throws: ``InputError`` when the credentials cannot be read.
    func registryOptions(proxies: ProxySettings) throws(InputError) -> RegistryOptions {
        var options = RegistryOptions(plainHTTPHosts: Set(configuration.plainHTTPRegistries), proxies: proxies)
        options.revocationHosts = Set(configuration.revocationHosts.compactMap(RevocationAccess.Host.init))
        options.authoritiesPEM = authoritiesPEM
        if let credentials {
            do throws(RegistryError) {
                options.credentials = try DockerConfigCredentials(credentials)
            } catch {
                throw InputError("\(configuration.registryCredentialsFile ?? ""): \(error.message)")
            }
        }
        return options
    }
}
