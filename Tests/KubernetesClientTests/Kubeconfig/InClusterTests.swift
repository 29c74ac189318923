import Foundation
import KubernetesClient
import OutboundHTTP
import Testing

@Suite("In a pod")
struct InClusterTests {
    private let environment = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]

    private func serviceAccount() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("token", "pod-token\n")
        try folder.write("ca.crt", "ca")
        try folder.write("namespace", "operators\n")
        return folder
    }

    @Test("server, authority, token file and namespace come from the service account")
    func complete() throws {
        let folder = try serviceAccount()
        let configuration = try ClusterConfiguration.load(
            environment: environment,
            serviceAccountFolder: folder.path
        )
        #expect(configuration.server.absoluteString == "https://10.0.0.1/")
        #expect(configuration.credential == .tokenFile(path: folder.path + "/token"))
        #expect(configuration.certificateAuthority == Array("ca".utf8))
        #expect(configuration.namespace == "operators")
    }

    @Test("an IPv6 service address is put in brackets, and POD_NAMESPACE wins")
    func addresses() throws {
        let folder = try serviceAccount()
        let configuration = try ClusterConfiguration.inCluster(
            environment: [
                "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443", "POD_NAMESPACE": "mine",
            ],
            serviceAccountFolder: folder.path
        )
        #expect(configuration.server.absoluteString == "https://[fd00::1]:6443/")
        #expect(configuration.namespace == "mine")
    }

    @Test("without the file of the namespace it is default; one that cannot be read is an error that names it")
    func namespace() throws {
        let folder = try serviceAccount()
        func load() throws -> String? {
            try ClusterConfiguration.inCluster(environment: environment, serviceAccountFolder: folder.path).namespace
        }
        try folder.write("namespace", String(repeating: "n", count: 2000))
        let error = #expect(throws: ClusterConfigurationError.self) { try load() }
        #expect(error?.code == .unreadable && error?.message.contains("\(folder.path)/namespace") == true)
        try FileManager.default.removeItem(atPath: "\(folder.path)/namespace")
        #expect(try load() == "default")
    }

    @Test("KUBECONFIG wins over the service account")
    func precedence() throws {
        let folder = try serviceAccount()
        let path = try folder.write(
            "config",
            "current-context: x\nclusters: [{name: c, cluster: {server: 'https://other'}}]\n"
                + "contexts: [{name: x, context: {cluster: c}}]\n"
        )
        var environment = environment
        environment["KUBECONFIG"] = path
        let configuration = try ClusterConfiguration.load(
            environment: environment,
            serviceAccountFolder: folder.path
        )
        #expect(configuration.server.host == "other")
    }

    @Test("a missing or empty token is an error that names the file, and no other source is tried")
    func missingToken() throws {
        let folder = try TemporaryFolder()
        for text in [nil, " \n"] {
            if let text { try folder.write("token", text) }
            let error = #expect(throws: ClusterConfigurationError.self) {
                try ClusterConfiguration.load(environment: environment, serviceAccountFolder: folder.path)
            }
            #expect(error?.message.contains(folder.path + "/token") == true)
        }
    }

    @Test("outside of a pod it says so")
    func outside() {
        let error = #expect(throws: ClusterConfigurationError.self) {
            try ClusterConfiguration.inCluster(environment: [:])
        }
        #expect(error?.code == .notFound)
    }
}
