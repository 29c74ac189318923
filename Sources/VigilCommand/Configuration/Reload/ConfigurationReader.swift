/// Reads the configuration from wherever it stands: the file, and the flags and variables above it.
struct ConfigurationReader: Sendable {
    /// Flags and variables.
    let layers: ConfigurationLayers
    /// The file; `nil` for none.
    let path: String?

    /// Reads everything as it is now.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
    func read() throws(ConfigurationProblems) -> ReadConfiguration {
        let result = try layered()
        let configuration = result.configuration
        var read = try registries(result)
        if let certificate = try content(configuration.tlsCertificateFile, .tlsCertificateFile, result),
            let key = try content(configuration.tlsKeyFile, .tlsKeyFile, result)
        {
            read.serving = ReadConfiguration.ServingFiles(certificate: certificate, key: key)
        }
        return read
    }

    /// Reads everything as it is now that is about registries, with no other files.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
    func registries() throws(ConfigurationProblems) -> ReadConfiguration { try registries(try layered()) }

    private func registries(_ result: ConfigurationLayers.Result) throws(ConfigurationProblems) -> ReadConfiguration {
        let configuration = result.configuration
        var read = ReadConfiguration(
            configuration: configuration,
            authoritiesPEM: try content(configuration.registryAuthorityFile, .registryAuthorityFile, result),
            credentials: try content(configuration.registryCredentialsFile, .registryCredentialsFile, result)
        )
        for file in configuration.hosts.flatMap(\.files) {
            read.hostFiles[file] = try content(file, .registryHosts, result)
        }
        return read
    }

    /// Reads the file and puts it below flags and variables, without the files that it names.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
    func layered() throws(ConfigurationProblems) -> ConfigurationLayers.Result { try layers.over(try file()) }

    private func file() throws(ConfigurationProblems) -> ConfigurationFile? {
        guard let path else { return nil }
        let bytes: [UInt8]
        do throws(InputError) {
            bytes = try Self.read(path, limit: ConfigurationFile.maximumBytes)
        } catch {
            throw ConfigurationProblems([ConfigurationProblem(error, file: path)])
        }
        return try ConfigurationFile(bytes, name: path)
    }

    /// The content of a file that a setting names.
    private func content(
        _ path: String?,
        _ setting: Setting,
        _ result: ConfigurationLayers.Result
    ) throws(ConfigurationProblems) -> [UInt8]? {
        guard let path else { return nil }
        do throws(InputError) {
            return try Self.read(path, limit: InputLimits.certificateBytes)
        } catch {
            throw ConfigurationProblems([ConfigurationProblem(result.source(of: setting), error.message)])
        }
    }

    /// Reads a file that must be one: a pipe would hold up whoever looks at it.
    private static func read(_ path: String, limit: Int) throws(InputError) -> [UInt8] {
        switch BoundedFile.kindFollowingLinks(of: path) {
        case .regular, .missing: return try BoundedFile.read(path, limit: limit)
        case .folder: throw InputError("\(path): is a folder, expected a file")
        case .symbolicLink, .other: throw InputError("\(path): is no regular file")
        }
    }
}
