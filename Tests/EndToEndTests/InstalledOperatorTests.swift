import EmbeddedKubernetes
import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import OutboundHTTP
import Synchronization
import Testing
import TrustResources

/// Vigil as `kubectl apply -k` and `helm` install it: its own account, its own rights and no others.
@Suite(
    .enabled(if: try RealTools.areInstalled, RealTools.reason),
    .enabled(if: try RealTools.has("helm"), RealTools.lack(of: "helm")),
    .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason),
    .disabled(if: IntegrationCluster.isReal, InstalledCluster.reason),
    .timeLimit(.minutes(10))
)
struct InstalledOperatorTests {
    @Test("installing twice changes nothing", arguments: InstalledCluster.Installation.allCases)
    func twice(installation: InstalledCluster.Installation) async throws {
        try await InstalledCluster.with(installation, allowsWatchList: true) { cluster in
            try await cluster.kubectl("create", "namespace", InstalledCluster.workloads)
            try await cluster.install()
            let versions = try await cluster.versions()
            #expect(versions.contains("Deployment/vigil "))
            try await cluster.install()
            #expect(try await cluster.versions() == versions)
        }
    }

    @Test("every folder is taken by a clean server, in the order in which they need each other, and twice the same")
    func folders() async throws {
        try await InstalledCluster.with(.default, allowsWatchList: true) { cluster in
            for namespace in [InstalledCluster.workloads, "payments"] {
                try await cluster.kubectl("create", "namespace", namespace)
            }
            try await cluster.defineForeignKinds()
            let folders = [
                "crd", "rbac", "manager", "network-policy", "flowcontrol", "prometheus", "grafana", "samples",
                "namespaced",
            ]
            for folder in folders {
                let path = "\(cluster.workspace.path)/config/\(folder)"
                let first = try await cluster.kubectl("apply", "-k", path).split(separator: "\n")
                #expect(!first.isEmpty && first.allSatisfy { $0.hasSuffix(" created") }, "\(folder): \(first)")
                let versions = try await cluster.versions(of: path)
                // What kubectl calls configured may be the same for the server, where that fills in defaults of lists.
                try await cluster.kubectl("apply", "-k", path)
                #expect(try await cluster.versions(of: path) == versions, "\(folder)")
            }
        }
    }

    @Test("the one file holds what config/default holds, and a clean server takes it, twice the same")
    func oneFile() async throws {
        try await InstalledCluster.with(.default, allowsWatchList: true) { cluster in
            let config = "\(cluster.workspace.path)/config"
            let made = try await cluster.workspace.run(
                "/usr/bin/env",
                ["make", "-C", InstalledCluster.checkout, "manifests", "MANIFESTS=\(config)/install.yaml"]
            )
            try #require(made.status == 0, "\(made.errors)")
            let file = "\(config)/install.yaml"
            let first = try await cluster.kubectl("apply", "--server-side", "-f", file).split(separator: "\n")
            #expect(first.count > 10 && first.allSatisfy { $0.hasSuffix(" serverside-applied") }, "\(first)")
            let versions = try await cluster.versions()
            try await cluster.kubectl("apply", "--server-side", "-f", file)
            #expect(try await cluster.versions() == versions)
            // Nothing is left to do for the folder.
            let difference = try await cluster.kubectl("diff", "--server-side", "-k", "\(config)/default")
            #expect(difference.isEmpty, "\(difference)")
        }
    }

    @Test(
        "the operator works with the rights that it is installed with, and uses every one of them",
        arguments: InstalledCluster.Installation.allCases
    )
    func rights(installation: InstalledCluster.Installation) async throws {
        let seen = Mutex((made: Set<RecordedAccess>(), granted: Set<GrantedRight>()))
        // A server streams lists or it does not: the operator needs the rights for both.
        for allowsWatchList in [true, false] {
            try await InstalledCluster.with(installation, allowsWatchList: allowsWatchList) { cluster in
                try await cluster.kubectl("create", "namespace", InstalledCluster.workloads)
                try await cluster.install()
                try await work(in: cluster)
                let made = await cluster.embedded.recordedAccess.filter { $0.user == cluster.account }
                let granted = try await cluster.grantedRights()
                seen.withLock { seen in
                    seen.made.formUnion(made)
                    seen.granted.formUnion(granted)
                }
            }
        }
        let (made, granted) = seen.withLock { $0 }
        let refused = made.filter { !$0.isAllowed }.map { "\($0.verb) \($0.resource) \($0.namespace)/\($0.name)" }
        #expect(refused.isEmpty, "rights are missing: \(refused.sorted())")
        try #require(granted.count > 10)
        let unused = granted.filter { right in !made.contains { right.isUsed(by: $0) } }.map(\.description)
        #expect(unused.isEmpty, "rights are superfluous: \(unused.sorted())")
    }

    /// Policies come and go, images too, verdicts turn and turn back.
    private func live(in cluster: InstalledCluster) async throws {
        let samples = "\(cluster.workspace.path)/config/samples"
        try await cluster.kubectl("apply", "-f", "\(samples)/trustpolicy_configmap.yaml")
        if cluster.installation.isClusterWide {
            try await cluster.kubectl("apply", "-f", "\(samples)/clustertrustpolicy_unverified.yaml")
            try await cluster.kubectl(
                "wait",
                "--for=condition=Ready",
                "clustertrustpolicy/unverified",
                "--timeout=120s"
            )
        }
        let pullSecrets = try await cluster.makePullSecrets()
        try await cluster.administrator.runPod(
            "web-0",
            repository: "registry.example.com/shop/web",
            pullSecrets: pullSecrets
        )
        try await cluster.kubectl("apply", "-f", "\(samples)/trustpolicy_decisions.yaml")
        try await cluster.waitForVerdict("Untrusted")
        for verdict in ["Unsupported", "Untrusted"] {
            let change = #"[{"op":"replace","path":"/spec/decisions/0/verdict","value":"\#(verdict)"}]"#
            try await cluster.kubectl(
                "patch",
                "trustpolicy",
                "recalled",
                "-n",
                InstalledCluster.workloads,
                "--type=json",
                "-p",
                change
            )
            try await cluster.waitForVerdict(verdict)
        }
        try await cluster.waitForRepeatedEvent()
        try await cluster.kubectl("delete", "pod", "web-0", "-n", InstalledCluster.workloads)
        try await cluster.waitForDeletion()
    }

    /// A life of the operator, from its start to SIGTERM.
    private func work(in cluster: InstalledCluster) async throws {
        let home = OperatorCluster(
            kubeconfig: try await cluster.operatorKubeconfig(),
            cluster: cluster.administrator.cluster,
            namespace: cluster.home
        )
        let pod = try await InstalledPod(named: "vigil-0", in: cluster)
        let process = OperatorProcess(pod, kubeconfig: home.kubeconfig)
        try await process.whileRunning {
            do {
                try await home.waitForHolder { $0.hasPrefix("vigil-0_") }
                try await live(in: cluster)
                if cluster.installation == .secured {
                    let reader = try await cluster.makeReader()
                    #expect(try await cluster.read("/metrics", reader, process.healthPort()).status == 200)
                }
                // The same mistake once more makes its Event a series.
                for (workers, reason, isSeries) in [
                    ("many", "ConfigurationRefused", false), ("31", "ConfigurationTaken", false),
                    ("many", "ConfigurationRefused", true),
                ] {
                    try Data("workers: \(workers)\n".utf8).write(to: URL(fileURLWithPath: pod.configurationFile))
                    let told = try await home.firstObject(of: Event.self) {
                        $0.reason == reason && ($0.series != nil || !isSeries)
                    }
                    #expect(told?.regarding?.name == "vigil" && told?.regarding?.uid != nil, "no Event of \(workers)")
                }
            } catch {
                Issue.record("\(process.log)")
                throw error
            }
        }
    }
}

extension InstalledCluster {
    /// What the roles grant that are bound to the operator's account, wherever they are bound.
    fileprivate func grantedRights() async throws -> Set<GrantedRight> {
        var rights: Set<GrantedRight> = []
        let text = try await kubectl("get", "rolebindings,clusterrolebindings", "--all-namespaces", "-o", "json")
        let account: JSONValue = ["kind": "ServiceAccount", "name": "vigil", "namespace": .string(home)]
        for binding in try JSONParser().parse(Array(text.utf8))["items"]?.array ?? [] {
            guard binding["subjects"]?.array?.contains(account) == true else { continue }
            let kind = try #require(binding.value(at: "roleRef", "kind")?.string)
            let name = try #require(binding.value(at: "roleRef", "name")?.string)
            let namespace = binding.value(at: "metadata", "namespace")?.string
            let role = try await kubectl("get", "\(kind)/\(name)", "--namespace", namespace ?? home, "-o", "json")
            rights.formUnion(GrantedRight.all(of: try JSONParser().parse(Array(role.utf8)), in: namespace))
        }
        return rights
    }

    /// Defines the kinds of others that our manifests make objects of.
    fileprivate func defineForeignKinds() async throws {
        let file = "\(Self.checkout)/Tests/Fixtures/foreign-definitions/definitions.yaml"
        try await kubectl("apply", "-f", file)
        try await kubectl("wait", "--for=condition=Established", "-f", file, "--timeout=60s")
    }

    /// Makes a pull secret that the operator may read, where the file that allows it is for its installation.
    fileprivate func makePullSecrets() async throws -> [String] {
        guard installation.isClusterWide else { return [] }
        try await kubectl("apply", "-f", "\(workspace.path)/config/rbac/secrets_reader.yaml")
        try await kubectl(
            "create",
            "secret",
            "docker-registry",
            "regcred",
            "--docker-server=registry.example.com",
            "--docker-username=shop",
            "--docker-password=s3cr3t-shop",
            "--namespace",
            Self.workloads
        )
        return ["regcred"]
    }

    /// Returns as soon as the one image that runs has a verdict.
    fileprivate func waitForVerdict(_ verdict: String) async throws {
        let name = ImageVerification.name(for: try Digest(OperatorCluster.digest))
        let object = "imageverification/\(name)"
        try await kubectl("wait", "--for=create", object, "--timeout=120s", "-n", Self.workloads)
        let condition = "--for=jsonpath={.status.verdict}=\(verdict)"
        try await kubectl("wait", condition, object, "--timeout=120s", "-n", Self.workloads)
    }

    /// Returns as soon as no image has a verdict.
    fileprivate func waitForDeletion() async throws {
        try await kubectl(
            "wait",
            "--for=delete",
            "imageverification",
            "--all",
            "--timeout=120s",
            "-n",
            Self.workloads
        )
    }

    /// Returns as soon as some Event was written a second time.
    fileprivate func waitForRepeatedEvent() async throws {
        let event = try await administrator.firstObject(of: Event.self) { $0.series != nil }
        try #require(event != nil, "no Event was written a second time")
    }
}
