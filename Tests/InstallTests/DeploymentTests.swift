import JSONModel
import TestDocuments
import Testing

/// What the Deployments of `config` demand of a node and promise to it.
@Suite(.enabled(if: try InstallTool.areInstalled, InstallTool.reason), .timeLimit(.minutes(5))) struct DeploymentTests {
    private static let folders = ["config/default", "config/namespaced"]

    private func rendered(_ folder: String) async throws -> (manifests: Manifests, deployment: JSONValue) {
        let manifests = try Manifests(yaml: await InstallTool.kubectl("kustomize", folder))
        return (manifests, try manifests.object("Deployment", "vigil"))
    }

    @Test("no container is root, gains rights, writes to its image or may make any system call", arguments: folders)
    func restrictions(folder: String) async throws {
        let deployment = try await rendered(folder).deployment
        let pod = try #require(deployment.value(at: "spec", "template", "spec"))
        #expect(pod.value(at: "securityContext", "runAsNonRoot") == true)
        #expect(pod.value(at: "securityContext", "seccompProfile", "type") == "RuntimeDefault")
        #expect(pod["hostNetwork"] == nil && pod["hostPID"] == nil && pod["hostIPC"] == nil)
        let containers = try #require(pod["containers"]?.array)
        #expect(!containers.isEmpty && pod["initContainers"] == nil)
        for container in containers {
            let context = try #require(container["securityContext"])
            #expect(context["runAsNonRoot"] == true)
            #expect(context["readOnlyRootFilesystem"] == true)
            #expect(context["allowPrivilegeEscalation"] == false)
            #expect(context["privileged"] == nil)
            #expect(context["capabilities"] == ["drop": ["ALL"]])
        }
    }

    @Test("every container has probes, asks for its share, and has a limit", arguments: folders)
    func probesAndResources(folder: String) async throws {
        let deployment = try await rendered(folder).deployment
        let containers = try #require(deployment.value(at: "spec", "template", "spec", "containers")?.array)
        #expect(!containers.isEmpty)
        for container in containers {
            let probes = [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
            for (probe, path) in probes {
                #expect(container.value(at: probe, "httpGet", "path")?.string == path, "\(probe)")
            }
            for (kind, resource) in [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")] {
                let amount = container.value(at: "resources", kind, resource)?.string ?? ""
                #expect(!amount.isEmpty, "\(kind) of \(resource)")
            }
        }
    }

    @Test("there are two replicas, on two nodes where there are, and a drain takes one at a time", arguments: folders)
    func replicas(folder: String) async throws {
        let (manifests, deployment) = try await rendered(folder)
        #expect(deployment.value(at: "spec", "replicas") == 2)
        let template = try #require(deployment.value(at: "spec", "template"))
        let labels = try #require(template.value(at: "metadata", "labels")?.object)
        let preferred = template.value(
            at: "spec",
            "affinity",
            "podAntiAffinity",
            "preferredDuringSchedulingIgnoredDuringExecution"
        )
        let term = try #require(preferred?.array?.first?["podAffinityTerm"])
        #expect(term["topologyKey"] == "kubernetes.io/hostname")
        let budget = try manifests.object("PodDisruptionBudget", "vigil")
        #expect(budget.value(at: "spec", "maxUnavailable") == 1)
        #expect(budget.value(at: "metadata", "namespace") == deployment.value(at: "metadata", "namespace"))
        let selectors = [("affinity", term["labelSelector"]), ("budget", budget.value(at: "spec", "selector"))]
        for (owner, selector) in selectors {
            let wanted = try #require(selector?["matchLabels"]?.object)
            let isOfThesePods = !wanted.isEmpty && wanted.allSatisfy { labels[$0.key] == $0.value }
            #expect(isOfThesePods, "the \(owner) is about other pods")
        }
    }

    @Test("the network policy is about the operator's pods, and lets the port in that they have")
    func networkPolicy() async throws {
        let (_, deployment) = try await rendered("config/default")
        let policy = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/network-policy"))
            .object("NetworkPolicy", "vigil")
        #expect(policy.value(at: "metadata", "namespace") == deployment.value(at: "metadata", "namespace"))
        let template = try #require(deployment.value(at: "spec", "template"))
        let labels = try #require(template.value(at: "metadata", "labels")?.object)
        let wanted = try #require(policy.value(at: "spec", "podSelector", "matchLabels")?.object)
        #expect(!wanted.isEmpty && wanted.allSatisfy { labels[$0.key] == $0.value })
        let ports = template.value(at: "spec", "containers")?.array?.first?["ports"]?.array ?? []
        let ingress = try #require(policy.value(at: "spec", "ingress")?.array)
        let named = ingress.flatMap { $0["ports"]?.array ?? [] }.compactMap { $0["port"]?.string }
        #expect(!named.isEmpty && named.allSatisfy { name in ports.contains { $0["name"]?.string == name } })
        // Nothing that a registry names leads to a metadata service.
        let blocks = (policy.value(at: "spec", "egress")?.array ?? []).flatMap { $0["to"]?.array ?? [] }
            .compactMap { $0["ipBlock"] }
        let exceptions = [("0.0.0.0/0", "169.254.0.0/16"), ("::/0", "fe80::/10")]
        #expect(blocks.count == exceptions.count)
        for (network, exception) in exceptions {
            let block = blocks.first { $0["cidr"]?.string == network }
            #expect(block?["except"]?.array?.compactMap(\.string).contains(exception) == true, "\(network)")
        }
    }

    @Test("the flow schema is about what the election asks for, as the account that asks")
    func flowSchema() async throws {
        let manifests = try await rendered("config/default").manifests
        let schema = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/flowcontrol"))
            .object("FlowSchema", "vigil-leader-election")
        // A level that every cluster has (apiserver, pkg/apis/flowcontrol/bootstrap/default.go).
        #expect(schema.value(at: "spec", "priorityLevelConfiguration", "name") == "leader-election")
        let rule = try #require(schema.value(at: "spec", "rules")?.array?.first)
        let account = try manifests.object("ServiceAccount", "vigil")
        let subject = rule["subjects"]?.array?.first?["serviceAccount"]
        #expect(subject?["name"] == account.value(at: "metadata", "name"))
        #expect(subject?["namespace"] == account.value(at: "metadata", "namespace"))
        let asked = try #require(rule["resourceRules"]?.array?.first)
        let role = try manifests.object("Role", "vigil-leader-election")
        let granted = role["rules"]?.array ?? []
        let verbs = Set(granted.flatMap { $0["verbs"]?.array ?? [] }.compactMap(\.string))
        #expect(Set((asked["verbs"]?.array ?? []).compactMap(\.string)) == verbs)
        for field in ["apiGroups", "resources"] { #expect(asked[field] == granted.first?[field], "\(field)") }
        #expect(asked["namespaces"]?.array == [role.value(at: "metadata", "namespace") ?? .null])
    }
}
