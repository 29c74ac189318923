import Foundation
import JSONModel
import Testing

/// What a pod of the installed Deployment runs with: arguments, environment and files as the manifests say them.
struct InstalledPod: Sendable {
    /// The arguments of the container, with `$(NAME)` replaced.
    let arguments: [String]
    /// Its environment.
    let environment: [String: String]
    /// The file that the ConfigMap is mounted as.
    let configurationFile: String

    /// Does what a kubelet would, with the volumes in a folder of the test's.
    ///
    /// - Parameters:
    ///   - name: what the pod is called.
    ///   - cluster: where Vigil is installed.
    /// - Throws: an issue when the manifests have what is not known here.
    init(named name: String, in cluster: InstalledCluster) async throws {
        let text = try await cluster.kubectl("get", "deployment", "vigil", "--namespace", cluster.home, "-o", "json")
        let spec = try #require(try JSONParser().parse(Array(text.utf8)).value(at: "spec", "template", "spec"))
        let container = try #require(spec["containers"]?.array?.first)
        let root = "\(cluster.workspace.path)/\(name)"
        var folders: [String] = []
        for mount in container["volumeMounts"]?.array ?? [] {
            let path = try #require(mount["mountPath"]?.string)
            let volume = try #require(spec["volumes"]?.array?.first { $0["name"] == mount["name"] })
            for (file, content) in try await Self.files(of: volume, in: cluster) {
                try cluster.workspace.write(content, to: "\(name)\(path)/\(file)")
            }
            folders.append(path)
        }
        func here(_ text: String) -> String {
            folders.contains { text.hasPrefix("\($0)/") } ? root + text : text
        }
        var environment: [String: String] = [:]
        for variable in container["env"]?.array ?? [] {
            let key = try #require(variable["name"]?.string)
            let field = variable.value(at: "valueFrom", "fieldRef", "fieldPath")?.string
            switch field {
            case nil: environment[key] = here(try #require(variable["value"]?.string, "\(key)"))
            case "metadata.name": environment[key] = name
            case "metadata.namespace": environment[key] = cluster.home
            default: Issue.record("\(key) is taken from \(field ?? "")")
            }
        }
        arguments = (container["args"]?.array ?? []).compactMap(\.string).map { argument in
            environment.reduce(argument) { $0.replacing("$(\($1.key))", with: $1.value) }
        }
        configurationFile = try #require(environment["VIGIL_CONFIG"])
        self.environment = environment
    }

    /// The files of a volume; what the test makes certificates with stands for the Secret with those of the endpoints.
    private static func files(of volume: JSONValue, in cluster: InstalledCluster) async throws -> [String: String] {
        if let map = volume.value(at: "configMap", "name")?.string {
            let text = try await cluster.kubectl("get", "configmap", map, "--namespace", cluster.home, "-o", "json")
            let data = try JSONParser().parse(Array(text.utf8))["data"]?.object ?? [:]
            return data.compactMapValues(\.string)
        }
        try #require(volume.value(at: "secret", "secretName")?.string == "vigil-tls", "\(volume)")
        return [
            "tls.crt": try cluster.workspace.read("server.pem"), "tls.key": try cluster.workspace.read("server.key"),
        ]
    }
}
