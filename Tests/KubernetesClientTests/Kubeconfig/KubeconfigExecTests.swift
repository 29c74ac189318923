import JSONModel
import KubernetesClient
import Testing

@Suite("Credential programs in a kubeconfig")
struct KubeconfigExecTests {
    private let version = "client.authentication.k8s.io/v1"

    private func load(
        exec: String,
        cluster: String = "{server: 'https://h:6443'}",
        more: String = "",
        environment: [String: String] = [:],
        folder: TemporaryFolder? = nil
    ) throws -> ClusterConfiguration {
        let folder = try folder ?? TemporaryFolder()
        let path = try folder.write(
            "config",
            """
            apiVersion: v1
            kind: Config
            current-context: here
            clusters: [{name: c, cluster: \(cluster)}]
            users: [{name: u, user: {\(more)exec: \(exec)}}]
            contexts: [{name: here, context: {cluster: c, user: u}}]
            """
        )
        return try ClusterConfiguration.load(kubeconfig: path, environment: environment)
    }

    private func plugin(_ configuration: ClusterConfiguration) throws -> ExecCredentialPlugin {
        guard case .exec(let plugin) = configuration.credential else {
            throw ClusterConfigurationError(.malformed, "no plugin")
        }
        return plugin
    }

    @Test("command, arguments, environment and the rest are taken over; the description shows no secrets")
    func complete() throws {
        let configuration = try load(
            exec: """
                {command: aws, args: [get-token, --secret, s3cret], env: [{name: A, value: own}, {name: n, value: y}],
                apiVersion: \(version), interactiveMode: Never, installHint: get it}
                """,
            environment: ["A": "inherited", "PATH": "/bin"]
        )
        let plugin = try plugin(configuration)
        #expect(plugin.command == "aws" && plugin.arguments == ["get-token", "--secret", "s3cret"])
        #expect(plugin.environment == ["A": "own", "n": "y", "PATH": "/bin"])
        #expect(plugin.version == .v1 && plugin.interactiveMode == .never && plugin.installHint == "get it")
        #expect(plugin.clusterInfo == nil)
        #expect(configuration.description.contains("\"aws\"") && !configuration.description.contains("s3cret"))
    }

    @Test("a command with a slash is meant as seen from the file; v1beta1 has a default mode")
    func relativeCommand() throws {
        let folder = try TemporaryFolder()
        let configuration = try load(
            exec: "{command: bin/aws, apiVersion: client.authentication.k8s.io/v1beta1}",
            folder: folder
        )
        let plugin = try plugin(configuration)
        #expect(plugin.command == folder.path + "/bin/aws")
        #expect(plugin.version == .v1beta1 && plugin.interactiveMode == .ifAvailable)
    }

    @Test("the program is told of the cluster when it asks for that, extension included")
    func clusterInfo() throws {
        let configuration = try load(
            exec: "{command: aws, apiVersion: \(version), interactiveMode: Never, provideClusterInfo: true}",
            cluster: """
                {server: 'https://h:6443', tls-server-name: name, certificate-authority-data: Y2E=,
                proxy-url: 'http://proxy:3128', disable-compression: true, extensions: [
                {name: other, extension: 1},
                {name: client.authentication.k8s.io/exec, extension: {audience: no, n: [1, 1.5, true, null, '2']}}]}
                """
        )
        let expected: JSONValue = [
            "server": "https://h:6443", "tls-server-name": "name", "certificate-authority-data": "Y2E=",
            "proxy-url": "http://proxy:3128", "disable-compression": true,
            "config": ["audience": "no", "n": [1, .number(1.5), true, nil, "2"]],
        ]
        #expect(try plugin(configuration).clusterInfo == expected)
        let insecure = try load(
            exec: "{command: aws, apiVersion: \(version), interactiveMode: Never, provideClusterInfo: true}",
            cluster: "{server: 'https://h/path', insecure-skip-tls-verify: true}"
        )
        #expect(
            try plugin(insecure).clusterInfo == ["server": "https://h/path", "insecure-skip-tls-verify": true]
        )
    }

    @Test("what the file holds itself goes before the program")
    func precedence() throws {
        let exec = "{command: aws, apiVersion: \(version), interactiveMode: Never}"
        #expect(try load(exec: exec, more: "token: t, ").credential == .token("t"))
        #expect(
            try load(exec: exec, more: "username: a, password: b, ").credential
                == .basic(username: "a", password: "b")
        )
        let certificate = try load(exec: exec, more: "client-certificate-data: Y2E=, client-key-data: Y2E=, ")
        #expect(certificate.credential == .none && certificate.identity != nil)
        #expect(try load(exec: exec, cluster: "{server: 'http://localhost:8080'}").credential == .none)
    }

    @Test(
        "an entry that does not say enough, or too much, is an error that names the user and the file",
        arguments: [
            ("{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "without a command"),
            ("{command: aws, interactiveMode: Never}", "without an apiVersion"),
            ("{command: aws, apiVersion: client.authentication.k8s.io/v1alpha1}", "v1alpha1"),
            ("{command: aws, apiVersion: client.authentication.k8s.io/v1}", "interactiveMode"),
            ("{command: aws, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Often}", "Often"),
            ("{command: [aws]}", "command"), ("aws", "exec"), ("{command: aws, args: x}", "args"),
            ("{command: aws, env: {A: b}}", "env"), ("{command: aws, env: [{value: b}]}", "env"),
            ("{command: aws, env: [{name: 'A=B', value: b}]}", "env"),
            ("{command: aws, provideClusterInfo: maybe}", "provideClusterInfo"),
        ]
    )
    func refused(exec: String, words: String) throws {
        let folder = try TemporaryFolder()
        for more in ["", "token: t, "] {
            let error = #expect(throws: ClusterConfigurationError.self) {
                try load(exec: exec, more: more, folder: folder)
            }
            #expect(error?.message.contains(words) == true, "\(String(describing: error))")
            #expect(error?.message.contains(folder.path) == true)
        }
    }

    @Test("an extension that grows by aliases is refused")
    func aliases() throws {
        let levels = (0..<12).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]" }.dropFirst()
        let bomb = "{a0: &a0 [x, x], " + levels.joined(separator: ", ") + "}"
        let error = #expect(throws: ClusterConfigurationError.self) {
            try load(
                exec: "{command: aws, apiVersion: \(version), interactiveMode: Never}",
                cluster:
                    "{server: 'https://h', extensions: [{name: client.authentication.k8s.io/exec, extension: \(bomb)}]}"
            )
        }
        #expect(error?.code == .malformed)
    }
}
