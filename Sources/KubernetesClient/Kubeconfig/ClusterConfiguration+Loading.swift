import OutboundHTTP

extension ClusterConfiguration {
    /// Where a process in a pod finds its service account.
    public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Finds out how to reach the cluster that is meant.
    ///
    /// The first of these that is given is used, and if it cannot be used that is an error: `kubeconfig`, the files of
    /// `KUBECONFIG` (separated by `:`), the service account of the pod, `~/.kube/config`.
    ///
    /// - Parameters:
    ///   - kubeconfig: a file named on the command line.
    ///   - context: the context of the kubeconfig; `nil` for its current one.
    ///   - environment: the process's environment.
    ///   - serviceAccountFolder: where the service account of a pod is mounted.
    /// - Returns: the configuration.
    /// - Throws: ``ClusterConfigurationError``.
    public static func load(
        kubeconfig: String? = nil,
        context: String? = nil,
        environment: [String: String],
        serviceAccountFolder: String = ClusterConfiguration.serviceAccountFolder
    ) throws(ClusterConfigurationError) -> ClusterConfiguration {
        if let kubeconfig {
            let document = try KubeconfigReader.read(kubeconfig)
            return try KubeconfigResolver(document, environment: environment).configuration(context: context)
        }
        let list = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        if !list.isEmpty {
            let document = try merged(list)
            return try KubeconfigResolver(document, environment: environment).configuration(context: context)
        }
        if context == nil, environment["KUBERNETES_SERVICE_HOST"] != nil {
            return try inCluster(environment: environment, serviceAccountFolder: serviceAccountFolder)
        }
        guard let home = environment["HOME"], !home.isEmpty else { throw nothingFound("HOME is not set") }
        let path = LocalFile.resolve(".kube/config", against: home)
        let document: KubeconfigDocument
        do {
            document = try KubeconfigReader.read(path)
        } catch {
            throw error.code == .notFound ? nothingFound("\(path) does not exist") : error
        }
        return try KubeconfigResolver(document, environment: environment).configuration(context: context)
    }

    private static func merged(_ paths: [String]) throws(ClusterConfigurationError) -> KubeconfigDocument {
        var result: KubeconfigDocument?
        var seen: Set<String> = []
        for path in paths where seen.insert(path).inserted {
            let document: KubeconfigDocument
            do {
                document = try KubeconfigReader.read(path)
            } catch {
                if error.code == .notFound { continue }
                throw error
            }
            if result == nil { result = document } else { result?.merge(document) }
        }
        guard let result else {
            throw ClusterConfigurationError(
                .notFound,
                "KUBECONFIG names \(paths.joined(separator: ", ")), and none of these files exists"
            )
        }
        return result
    }

    private static func nothingFound(_ cause: String) -> ClusterConfigurationError {
        ClusterConfigurationError(
            .notFound,
            "no cluster is configured: no kubeconfig was named, KUBECONFIG is not set, this is no pod, and \(cause)"
        )
    }
}
