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
        var namespace = environment["POD_NAMESPACE"].flatMap { $0.isEmpty ? nil : $0 }
        if namespace == nil { namespace = try mountedNamespace(in: serviceAccountFolder) }
        configuration.namespace = try KubeconfigResolver.checked(namespace: namespace ?? "default", from: "the pod")
        return configuration
    }

    /// The pod's namespace as the kubelet says it; `nil` where there is no such file.
    private static func mountedNamespace(in folder: String) throws(ClusterConfigurationError) -> String? {
        let path = LocalFile.resolve("namespace", against: folder)
        do throws(LocalFile.Failure) {
            let bytes = try LocalFile.read(path, limit: 1024)
            return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        } catch {
            switch error {
            case .missing: return nil
            case .unreadable(let cause):
                throw ClusterConfigurationError(.unreadable, "the pod's namespace, \(path), cannot be read: \(cause)")
            }
        }
    }
}
