import ArgumentParser

/// Which cluster is asked, on the command line.
struct ClusterArguments: ParsableArguments {
    /// The kubeconfig.
    @Option(help: ArgumentHelp("The kubeconfig file to use.", valueName: "file"))
    var kubeconfig: String?

    /// The context in it.
    @Option(help: ArgumentHelp("The context of the kubeconfig; its current one by default.", valueName: "name"))
    var context: String?

    /// The way to the cluster, for the command `purpose`.
    ///
    /// - Throws: ``InputError`` when there is none, or it cannot be used.
    func access(for purpose: String, in environment: CommandEnvironment) throws(InputError) -> ClusterAccess {
        try ClusterAccess(kubeconfig: kubeconfig, context: context, purpose: purpose, in: environment)
    }
}
