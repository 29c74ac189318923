import Crypto
import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import TestCertificates
import Testing

/// What `kubectl auth` and its kin make of the cluster's Roles.
@Suite(
    "An unmodified kubectl, as somebody",
    .enabled(if: try Kubectl.isInstalled, Kubectl.reason)
)
struct KubectlAccessTests {
    private let bot = "--as=system:serviceaccount:shop:bot"

    private func prepare(_ kubectl: Kubectl) async throws {
        #expect(try await kubectl("create", "namespace", "shop").exitCode == 0)
        #expect(try await kubectl("create", "serviceaccount", "bot", "-n", "shop").exitCode == 0)
        let role = try await kubectl(
            "create",
            "role",
            "reader",
            "-n",
            "shop",
            "--verb=get,list",
            "--resource=pods,configmaps"
        )
        #expect(role.exitCode == 0, "\(role.err)")
        let binding = try await kubectl(
            "create",
            "rolebinding",
            "reader",
            "-n",
            "shop",
            "--role=reader",
            "--serviceaccount=shop:bot"
        )
        #expect(binding.exitCode == 0, "\(binding.err)")
    }

    @Test("asks what may be done, lists it, and is refused the rest")
    func canI() async throws {
        try await Kubectl.with { kubectl in
            try await prepare(kubectl)
            #expect(try await kubectl("auth", "can-i", "list", "pods", "-n", "shop", bot).out == "yes\n")
            let no = try await kubectl("auth", "can-i", "list", "secrets", "-n", "shop", bot)
            #expect(no.out == "no\n" && no.exitCode == 1)
            #expect(try await kubectl("auth", "can-i", "list", "pods", "-n", "default", bot).out == "no\n")
            #expect(try await kubectl("auth", "can-i", "get", "/version", bot).out == "yes\n")
            let list = try await kubectl("auth", "can-i", "--list", "-n", "shop", bot)
            #expect(list.lines.contains("pods [] [] [get list]"), "\(list)")
            #expect(list.lines.contains("[/healthz] [] [get]"))
            #expect(try await kubectl("get", "pods", "-n", "shop", bot).exitCode == 0)
            let refused = try await kubectl("get", "pods", "-A", bot)
            #expect(
                refused.err == """
                    Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:shop:bot" cannot \
                    list resource "pods" in API group "" at the cluster scope

                    """
            )
            let written = try await kubectl("create", "configmap", "c", "-n", "shop", bot)
            #expect(written.exitCode == 1 && written.err.contains("cannot create resource \"configmaps\""))
        }
    }

    @Test("says who it is, whomever it acts as")
    func whoAmI() async throws {
        try await Kubectl.with { kubectl in
            let admin = try await kubectl("auth", "whoami")
            #expect(admin.lines.contains("Username system:admin"), "\(admin)")
            let joe = try await kubectl("auth", "whoami", "--as=joe", "--as-group=dev", "--as-uid=7")
            #expect(joe.lines.contains("Username joe") && joe.lines.contains("UID 7"), "\(joe)")
            #expect(joe.lines.contains("Groups [dev system:authenticated]"))
        }
    }

    @Test("comes in through TLS with a token of its own making, and with a certificate")
    func tls() async throws {
        let authority = try TestAuthority()
        let server = try authority.issue(addresses: [[127, 0, 0, 1]])
        let tls = ServerTLS(
            certificateChain: server.certificate + "\n" + (try authority.pem),
            privateKey: server.key,
            clientAuthorities: try authority.pem
        )
        let cluster = EmbeddedCluster(
            configuration: {
                var configuration = ClusterConfiguration()
                configuration.userWithoutCredentials = .anonymous
                configuration.tokens = ["first": .administrator]
                return configuration
            }()
        )
        try await Kubectl.with(cluster, tls: tls, token: "first") { kubectl in
            try await prepare(kubectl)
            let token = try await kubectl("create", "token", "bot", "-n", "shop", "--duration=10m")
            #expect(token.out.split(separator: ".").count == 3, "\(token)")
            let bot = try kubectl.with(user: "{token: \(token.out.split(separator: "\n").first ?? "")}")
            #expect(try await bot("auth", "whoami").lines.contains("Username system:serviceaccount:shop:bot"))
            #expect(try await bot("get", "pods", "-n", "shop").exitCode == 0)
            #expect(try await bot("get", "pods").exitCode == 1)
            let stranger = try kubectl.with(user: "{token: wrong}")
            #expect(try await stranger("get", "--raw", "/api/v1/pods").err.contains("Unauthorized"))
            // Passwords are nothing to an API server; without any credentials kubectl would ask for them.
            let nobody = try kubectl.with(user: "{username: x, password: z}")
            #expect(try await nobody("get", "--raw", "/healthz").out == "ok")
            #expect(try await nobody("get", "--raw", "/api/v1/pods").err.contains("system:anonymous"))
            let pair = try authority.issue(name: "jane", organizations: ["dev", "system:masters"])
            func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
            let certificate = base64(pair.certificate)
            let jane = try kubectl.with(
                user: "{client-certificate-data: \(certificate), client-key-data: \(base64(pair.key))}"
            )
            let known = try await jane("auth", "whoami")
            #expect(known.lines.contains("Username jane"), "\(known)")
            #expect(known.lines.contains("Groups [dev system:masters system:authenticated]"))
            #expect(try await jane("get", "secrets", "-A").exitCode == 0)
        }
    }

    @Test("applies a List, and lets the server apply built-in kinds, conflicts and all")
    func applyList() async throws {
        try await Kubectl.with { kubectl in
            func list(_ value: String) -> String {
                """
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: "\(value)"}}
                - {apiVersion: v1, kind: Secret, metadata: {name: b}, stringData: {k: v}}
                """
            }
            let made = try await kubectl("apply", "-f", "-", input: list("1"))
            #expect(made.out == "configmap/a created\nsecret/b created\n", "\(made.err)")
            let migrated = try await kubectl("apply", "--server-side", "-f", "-", input: list("2"))
            #expect(migrated.out == "configmap/a serverside-applied\nsecret/b serverside-applied\n", "\(migrated.err)")
            let conflict = try await kubectl(
                "apply",
                "--server-side",
                "--field-manager=other",
                "-f",
                "-",
                input: list("3")
            )
            #expect(conflict.exitCode == 1)
            #expect(conflict.err.contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.k"))
            let forced = try await kubectl(
                "apply",
                "--server-side",
                "--field-manager=other",
                "--force-conflicts",
                "-f",
                "-",
                input: list("3")
            )
            #expect(forced.exitCode == 0, "\(forced.err)")
            let owners = try await kubectl(
                "get",
                "cm",
                "a",
                "--show-managed-fields",
                "-o",
                "jsonpath={.metadata.managedFields[*].manager}"
            )
            #expect(owners.out.contains("other"))
        }
    }
}
