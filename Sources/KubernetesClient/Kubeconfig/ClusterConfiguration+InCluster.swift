import OutboundHTTP

extension ClusterConfiguration {
    /// The configuration of a process in a pod, from its service account.
    ///
    /// - Parameters:
    ///   - environment: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` name the server; `POD_NAMESPACE` the
    ///     namespace, otherwise the service account does.
    ///   - serviceAccountFolder: where `token`, `ca.crt` and `namespace` are.
    /// - Returns: the configuration; the token's file is read again as it ages.
    /// - Throws: ``ClusterConfigurationError``.
    public static func inCluster(
        environment: [String: String],
        serviceAccountFolder: String = ClusterConfiguration.serviceAccountFolder
    ) throws(ClusterConfigurationError) -> ClusterConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw ClusterConfigurationError(
                .notFound,
                "this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set"
            )
        }
        let authority = (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        let server: OutboundURL
        do throws(OutboundError) {
            server = try OutboundURL("https://\(authority)")
        } catch {
            throw ClusterConfigurationError(
                .malformed,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no server: \(error)"
            )
        }
        var configuration = ClusterConfiguration(server: server, source: "the service account of this pod")
        let tokenPath = LocalFile.resolve("token", against: serviceAccountFolder)
        _ = try TokenFile.read(tokenPath)
        configuration.credential = .tokenFile(path: tokenPath)
        let authorityPath = LocalFile.resolve("ca.crt", against: serviceAccountFolder)
        configuration.certificateAuthority = try KubeconfigResolver.file(
            authorityPath,
            "the cluster's certificate authority"
        )
        configuration.certificateFiles.certificateAuthority = authorityPath
        configuration.proxies = try KubeconfigResolver.proxies(environment)
        let mounted = try? LocalFile.read(
            LocalFile.resolve("namespace", against: serviceAccountFolder),
            limit: 1024
        )
        let namespace =
            environment["POD_NAMESPACE"].flatMap { $0.isEmpty ? nil : $0 }
            ?? mounted.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } } ?? "default"
        configuration.namespace = try KubeconfigResolver.checked(namespace: namespace, from: "the pod")
        return configuration
    }
}
