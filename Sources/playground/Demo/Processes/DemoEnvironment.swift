/// The environment that each program of the demo gets: none reads or writes the settings of the person who started it.
struct DemoEnvironment: Sendable {
    /// What the demo itself was started with.
    let inherited: [String: String]
    let folder: DemoFolder
    /// Whether the cluster is the stand-in.
    ///
    /// A real one may need the person's own settings to log in.
    let usesStandIn: Bool

    /// The complete environment of a program.
    func variables(for tool: Tool) -> [String: String] {
        // What begins with VIGIL_ is a setting to the operator, and for the tests and the build something else.
        var variables = inherited.filter { !$0.key.hasPrefix("VIGIL_") }
        variables["KUBECONFIG"] = folder.kubeconfig
        variables["KUBECACHEDIR"] = folder.home + "/.kube/cache"
        // The registry and the stand-in are on loopback, which no proxy reaches.
        variables["NO_PROXY"] = [inherited["NO_PROXY"], "127.0.0.1,localhost"].compactMap(\.self).joined(separator: ",")
        variables["no_proxy"] = variables["NO_PROXY"]
        if usesStandIn || (tool != .kubectl && tool != .vigil) {
            variables["HOME"] = folder.home
            variables["XDG_CONFIG_HOME"] = folder.home + "/.config"
            variables["XDG_CACHE_HOME"] = folder.home + "/.cache"
        }
        // Where the password of the guarded registry is, for those who push, sign and verify by hand.
        if tool != .kubectl { variables["DOCKER_CONFIG"] = folder.home + "/.docker" }
        return variables
    }

    /// The complete environment of `vigil operator`, which has no password of its own: what it reads of private
    /// repositories it reads with the secrets of the pods.
    var variablesOfOperator: [String: String] {
        var variables = variables(for: .vigil)
        variables["DOCKER_CONFIG"] = folder.home + "/.docker-of-operator"
        return variables
    }

    /// What a person sources to type along.
    func script(tools: String) -> String {
        """
        export KUBECONFIG='\(folder.kubeconfig)'
        export DOCKER_CONFIG='\(folder.home)/.docker'
        export XDG_CONFIG_HOME='\(folder.home)/.config'
        export PATH='\(tools)':"$PATH"

        """
    }
}
