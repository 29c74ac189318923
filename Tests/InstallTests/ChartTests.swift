import JSONModel
import TestDocuments
import Testing

/// The Helm chart beside the manifests of `config`, both rendered by the real programs.
@Suite(.enabled(if: try InstallTool.areInstalled, InstallTool.reason), .timeLimit(.minutes(5))) struct ChartTests {
    private func chart(_ namespace: String, _ settings: String...) async throws -> Manifests {
        let flags = settings.flatMap { ["--set", $0] }
        let outcome = try await InstallTool.helm.run(
            ["template", "vigil", "charts/vigil", "--namespace", namespace] + flags
        )
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try Manifests(yaml: outcome.output)
    }

    private func expectSame(_ chart: Manifests, _ config: Manifests, butFor missing: Set<String> = []) {
        let rendered = chart.anonymous
        let applied = config.anonymous.filter { !missing.contains($0.key) }
        #expect(Set(rendered.keys) == Set(applied.keys))
        for (key, object) in applied { #expect(rendered[key] == object, "\(key) differs") }
    }

    @Test("the chart without settings is config/default")
    func defaultInstallation() async throws {
        let config = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/default"))
        try #require(config.objects.count > 10)
        // Helm makes the namespace itself (--create-namespace).
        expectSame(try await chart("vigil-system"), config, butFor: ["Namespace /vigil-system"])
    }

    @Test("the chart with watch.namespace is config/namespaced, and has no object of the whole cluster")
    func namespacedInstallation() async throws {
        let config = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/namespaced"))
        let chart = try await chart("default", "watch.namespace=default", "crd.enabled=false")
        expectSame(chart, config)
        #expect(!chart.objects.keys.contains { $0.hasPrefix("Cluster") })
    }

    @Test("the chart with a token and TLS is config/secured")
    func securedInstallation() async throws {
        let config = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/secured"))
        let chart = try await chart("vigil-system", "endpoints.requireToken=true", "endpoints.tlsSecret=vigil-tls")
        // The chart's settings go into its file, those of the components into the environment.
        let others: Set = ["Namespace /vigil-system", "ConfigMap vigil-system/vigil", "Deployment vigil-system/vigil"]
        #expect(chart.objects.keys.count { $0.hasPrefix("ClusterRole /vigil-") } >= 3, "\(chart.objects.keys)")
        let rendered = chart.anonymous.filter { !others.contains($0.key) }
        #expect(rendered == config.anonymous.filter { !others.contains($0.key) })
        #expect(
            try configuration(of: chart)["endpoints"] == [
                "requireToken": true, "tlsCertificateFile": "/etc/vigil/tls/tls.crt",
                "tlsKeyFile": "/etc/vigil/tls/tls.key",
            ]
        )
        try expectSamePod(chart, config)
    }

    private func expectSamePod(_ chart: Manifests, _ config: Manifests) throws {
        let (rendered, applied) = (try container(of: chart), try container(of: config))
        for name in ["volumeMounts", "startupProbe", "livenessProbe", "readinessProbe", "ports"] {
            #expect(rendered[name] == applied[name], "\(name)")
        }
        #expect(rendered.value(at: "livenessProbe", "httpGet", "scheme") == "HTTPS")
        let volumes = { (manifests: Manifests) in
            try manifests.object("Deployment", "vigil").value(at: "spec", "template", "spec", "volumes")
        }
        #expect(try volumes(chart) == volumes(config))
    }

    @Test("the rights of reports are the components', in the cluster and in a namespace")
    func policyReports() async throws {
        func rules(_ manifests: Manifests, _ kind: String) throws -> JSONValue? {
            try manifests.object(kind, "vigil-policy-reports")["rules"]
        }
        func component(_ name: String) async throws -> Manifests {
            let folder = "config/components/\(name)"
            let files = try ["role", "role_binding"].map { try Checkout.text("\(folder)/\($0).yaml") }
            return try Manifests(yaml: files.joined(separator: "---\n"))
        }
        let whole = try await chart("vigil-system", "policyReports=true")
        #expect(try rules(whole, "ClusterRole") == rules(try await component("policy-reports"), "ClusterRole"))
        #expect(whole.objects["ClusterRoleBinding /vigil-policy-reports"] != nil)
        #expect(try configuration(of: whole)["reports"] == ["policyReports": true])
        let one = try await chart("default", "policyReports=true", "watch.namespace=default")
        #expect(try rules(one, "Role") == rules(try await component("policy-reports-namespaced"), "Role"))
        #expect(one.objects["RoleBinding default/vigil-policy-reports"] != nil)
        #expect(!one.objects.keys.contains { $0.hasPrefix("ClusterRole") })
    }

    @Test("a token needs a right in the cluster, which a release for one namespace does not make")
    func securedNamespace() async throws {
        let outcome = try await InstallTool.helm.run([
            "template", "vigil", "charts/vigil", "--set", "watch.namespace=shop,endpoints.requireToken=true",
        ])
        #expect(!outcome.isSuccess && outcome.errors.contains("system:auth-delegator"), "\(outcome.errors)")
    }

    @Test("Prometheus shows a token and trusts one authority where the endpoints ask for it, and is the same otherwise")
    func securedMonitor() async throws {
        func endpoint(_ folder: String) async throws -> [String: JSONValue] {
            let manifests = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/\(folder)"))
            let endpoints = try manifests.object("ServiceMonitor", "vigil").value(at: "spec", "endpoints")?.array
            return try #require(endpoints?.first?.object)
        }
        let plain = try await endpoint("prometheus")
        let secured = try await endpoint("prometheus-secured")
        #expect(secured.filter { plain[$0.key] != nil } == plain)
        #expect(secured["scheme"] == "https" && secured["bearerTokenFile"] != nil)
        #expect(secured["tlsConfig"]?["serverName"]?.string == "vigil.vigil-system.svc")
    }

    @Test("the chart's network policy is config/network-policy")
    func networkPolicy() async throws {
        let config = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/network-policy"))
        let chart = try await chart("vigil-system", "networkPolicy.enabled=true")
        let key = "NetworkPolicy vigil-system/vigil"
        #expect(chart.objects[key] != nil)
        #expect(chart.anonymous[key] == config.anonymous[key])
    }

    @Test("what the chart has for Prometheus and Grafana is config/prometheus and config/grafana")
    func monitoring() async throws {
        let chart = try await chart(
            "vigil-system",
            "prometheus.serviceMonitor.enabled=true",
            "prometheus.rules.enabled=true",
            "grafana.dashboard.enabled=true"
        )
        var expected: [String: JSONValue] = [:]
        for folder in ["config/prometheus", "config/grafana"] {
            let config = try Manifests(yaml: await InstallTool.kubectl("kustomize", folder))
            expected.merge(config.anonymous) { first, _ in first }
        }
        #expect(
            Set(expected.keys) == [
                "ServiceMonitor vigil-system/vigil", "PrometheusRule vigil-system/vigil",
                "ConfigMap vigil-system/vigil-dashboard",
            ]
        )
        for (key, object) in expected {
            let isSame = chart.anonymous[key] == object
            #expect(isSame, "\(key) differs")
        }
        let monitor = try chart.object("ServiceMonitor", "vigil")
        let labels = try #require(chart.object("Service", "vigil").value(at: "metadata", "labels")?.object)
        for (name, value) in try #require(monitor.value(at: "spec", "selector", "matchLabels")?.object) {
            #expect(labels[name] == value, "the Service has no \(name)")
        }
    }

    @Test(
        "the chart's Prometheus shows a token and speaks TLS as config/prometheus-secured, each where it is asked for"
    )
    func securedMonitoring() async throws {
        func endpoint(_ settings: String...) async throws -> [String: JSONValue] {
            let flags = (["prometheus.serviceMonitor.enabled=true"] + settings).flatMap { ["--set", $0] }
            let outcome = try await InstallTool.helm.run(
                ["template", "vigil", "charts/vigil", "--namespace", "vigil-system"] + flags
            )
            let monitor = try Manifests(yaml: outcome.output).object("ServiceMonitor", "vigil")
            return try #require(monitor.value(at: "spec", "endpoints")?.array?.first?.object)
        }
        let config = try Manifests(yaml: await InstallTool.kubectl("kustomize", "config/prometheus-secured"))
        let whole = try config.object("ServiceMonitor", "vigil").value(at: "spec", "endpoints")?.array?.first?.object
        let (token, tls) = ("endpoints.requireToken=true", "endpoints.tlsSecret=vigil-tls")
        #expect(try await endpoint(token, tls) == whole)
        #expect(Set(try await endpoint(tls).keys) == Set(try #require(whole).keys).subtracting(["bearerTokenFile"]))
        let withToken = Set(try await endpoint(token).keys)
        #expect(withToken == Set(try #require(whole).keys).subtracting(["scheme", "tlsConfig"]))
    }

    @Test("they are there where they are asked for, with the labels that Prometheus selects by, and for this release")
    func monitoringSettings() async throws {
        let kinds: Set<String> = ["ServiceMonitor", "PrometheusRule"]
        let plain = try await chart("vigil-system")
        #expect(!plain.objects.keys.contains { kinds.contains(String($0.prefix { $0 != " " })) })
        #expect(!plain.objects.keys.contains("ConfigMap vigil-system/vigil-dashboard"))
        let outcome = try await InstallTool.helm.run([
            "template", "other", "charts/vigil", "--set", "prometheus.rules.enabled=true", "--set",
            "prometheus.serviceMonitor.enabled=true", "--set", "prometheus.serviceMonitor.labels.release=prometheus",
        ])
        let other = try Manifests(yaml: outcome.output)
        let monitor = try other.object("ServiceMonitor", "other")
        #expect(monitor.value(at: "metadata", "labels", "release") == "prometheus")
        let rules = JSONSerializer().string(try other.object("PrometheusRule", "other"))
        // The election is called as the release is.
        #expect(rules.contains(#"{name=\"other\"}"#) && !rules.contains(#"{name=\"vigil\"}"#))
        #expect(rules.contains("deployment/other") && !rules.contains("deployment/vigil"))
    }

    @Test("another namespace than the release's is watched by a Role there, and the Lease stays with the release")
    func otherNamespace() async throws {
        let chart = try await chart("vigil-system", "watch.namespace=shop")
        let binding = try #require(chart.objects["RoleBinding shop/vigil"])
        #expect(binding["subjects"]?.array?.first?["namespace"] == "vigil-system")
        #expect(chart.objects["Role shop/vigil"] != nil)
        #expect(chart.objects["Role vigil-system/vigil-leader-election"] != nil)
        #expect(try arguments(of: chart).contains("--namespace=shop"))
    }

    private func container(of chart: Manifests) throws -> JSONValue {
        let deployment = try chart.object("Deployment", "vigil")
        return try #require(deployment.value(at: "spec", "template", "spec", "containers")?.array?.first)
    }

    private func arguments(of chart: Manifests) throws -> [String] {
        try #require(container(of: chart)["args"]?.array).compactMap(\.string)
    }

    @Test("the settings that people know from kube-notary take effect")
    func familiarSettings() async throws {
        let chart = try await chart("vigil-system", "watch.interval=5m", "log.level=debug")
        #expect(try arguments(of: chart) == ["operator"])
        #expect(try configuration(of: chart).value(at: "log", "level") == "debug")
        for name in ["trustpolicies.vigil.dev", "clustertrustpolicies.vigil.dev"] {
            let version = try #require(
                chart.object("CustomResourceDefinition", name).value(at: "spec", "versions")?.array?.first
            )
            let interval = version.value(
                at: "schema",
                "openAPIV3Schema",
                "properties",
                "spec",
                "properties",
                "interval",
                "default"
            )
            #expect(interval == "5m", "\(name)")
        }
    }

    @Test(
        "every level of kube-notary's log is taken, by the name that Vigil has for it",
        arguments: [
            ("trace", "trace"), ("debug", "debug"), ("info", "info"), ("warn", "warning"), ("warning", "warning"),
            ("error", "error"), ("fatal", "error"), ("panic", "error"),
        ]
    )
    func familiarLevels(level: String, taken: String) async throws {
        let chart = try await chart("vigil-system", "log.level=\(level)")
        #expect(try configuration(of: chart).value(at: "log", "level")?.string == taken)
    }

    /// The configuration file of the operator.
    private func configuration(of chart: Manifests) throws -> JSONValue {
        let map = try chart.object("ConfigMap", "vigil")
        let text = try #require(map["data"]?["config.yaml"]?.string)
        return try #require(try YAMLText.documents(text).first)
    }

    @Test("registries' credentials and authorities are mounted where the configuration says")
    func registries() async throws {
        let chart = try await chart(
            "vigil-system",
            "registry.credentialsSecret=pull",
            "registry.caConfigMap=authorities",
            "registry.certificatesSecret=certificates",
            "registry.plainHTTP={registry.local:5000}",
            "config.registry.hosts[0].host=registry.example.com",
            "config.registry.hosts[0].ca=/etc/vigil/registry-certificates/ca.crt"
        )
        #expect(
            try configuration(of: chart)["registry"] == [
                "hosts": [["host": "registry.example.com", "ca": "/etc/vigil/registry-certificates/ca.crt"]],
                "plainHTTP": ["registry.local:5000"], "caFile": "/etc/vigil/registry-ca/ca.crt",
                "credentialsFile": "/etc/vigil/registry-credentials/config.json",
            ]
        )
        let mounts = try #require(container(of: chart)["volumeMounts"]?.array)
        #expect(
            mounts.compactMap { $0["mountPath"]?.string } == [
                "/etc/vigil/config", "/etc/vigil/registry-ca", "/etc/vigil/registry-certificates",
                "/etc/vigil/registry-credentials",
            ]
        )
    }

    @Test("settings under config go into the file, above the values of the chart")
    func anySetting() async throws {
        let chart = try await chart(
            "vigil-system",
            "log.level=debug",
            "config.log.level=warning",
            "config.leaderElection.leaseDuration=60s",
            "config.kubernetes.burst=20"
        )
        let configuration = try configuration(of: chart)
        #expect(configuration["log"] == ["format": "text", "level": "warning"])
        #expect(configuration["leaderElection"] == ["leaseDuration": "60s"])
        #expect(configuration["workers"] == 32 && configuration["kubernetes"] == ["burst": 20])
    }

    @Test("the operator reads the file that is mounted, and tells of it by Events about its ConfigMap")
    func configurationFile() async throws {
        let outcome = try await InstallTool.helm.run(["template", "other", "charts/vigil", "--namespace", "tools"])
        let chart = try Manifests(yaml: outcome.output)
        let deployment = try chart.object("Deployment", "other")
        let specification = try #require(deployment.value(at: "spec", "template", "spec"))
        let container = try #require(specification["containers"]?.array?.first)
        var variables: [String: String] = [:]
        for entry in container["env"]?.array ?? [] { variables[entry["name"]?.string ?? ""] = entry["value"]?.string }
        let path = try #require(variables["VIGIL_CONFIG"]?.split(separator: "/"))
        let map = try chart.object("ConfigMap", variables["VIGIL_CONFIG_MAP"] ?? "")
        #expect(map["data"]?[String(path.last ?? "")]?.string != nil)
        let mount = try #require(
            container["volumeMounts"]?.array?.first {
                $0["mountPath"]?.string == "/" + path.dropLast().joined(separator: "/")
            }
        )
        #expect(mount["readOnly"] == true && mount["subPath"] == nil, "what is mounted by subPath never changes")
        let volume = specification["volumes"]?.array?.first { $0["name"] == mount["name"] }
        #expect(volume?.value(at: "configMap", "name")?.string == variables["VIGIL_CONFIG_MAP"])
    }

    @Test("where the operator watches another namespace, its Role at home is enough for Events about its configuration")
    func eventsAtHome() async throws {
        func resources(_ settings: String...) async throws -> Set<String> {
            let flags = settings.flatMap { ["--set", $0] }
            let outcome = try await InstallTool.helm.run(
                ["template", "vigil", "charts/vigil", "--namespace", "tools"] + flags
            )
            let role = try Manifests(yaml: outcome.output).object("Role", "vigil-leader-election")
            return Set((role["rules"]?.array ?? []).flatMap { $0["resources"]?.array?.compactMap(\.string) ?? [] })
        }
        #expect(try await resources("watch.namespace=shop") == ["leases", "configmaps", "events"])
        #expect(try await resources("watch.namespace=tools") == ["leases"])
        #expect(try await resources() == ["leases"])
    }

    @Test("the definitions outlive the release unless somebody says otherwise")
    func definitionsAreKept() async throws {
        let name = "trustpolicies.vigil.dev"
        let policy = { (chart: Manifests) in
            try chart.object("CustomResourceDefinition", name)
                .value(at: "metadata", "annotations", "helm.sh/resource-policy")
        }
        #expect(try policy(await chart("vigil-system")) == "keep")
        #expect(try policy(await chart("vigil-system", "crd.keep=false")) == nil)
        let none = try await chart("vigil-system", "crd.enabled=false")
        #expect(!none.objects.keys.contains { $0.hasPrefix("CustomResourceDefinition") })
    }

    @Test(
        "settings that nobody could have meant are refused, by name",
        arguments: [
            ("watch.intervall=5m", "intervall"), ("watch.interval=often", "interval"), ("log.level=loud", "level"),
            ("replicas=-1", "replicas"), ("image.digest=latest", "digest"), ("watch.namespace=A_B", "namespace"),
            ("workers=1000", "workers"), ("colour=red", "colour"), ("log.format=xml", "format"),
            ("prometheus.rules.enable=true", "enable"), ("prometheus.serviceMonitor.interval=often", "interval"),
            ("config.workers=0", "workers"), ("config.levle=debug", "levle"), ("config.log.levle=debug", "levle"),
            ("endpoints.requireTokn=true", "requireTokn"), ("endpoints.tlsSecret=A_B", "tlsSecret"),
            ("endpoints.requireToken=perhaps", "requireToken"), ("policyReports=perhaps", "policyReports"),
            ("config.endpoints.requireTokn=true", "requireTokn"), ("config.reports.policyReport=true", "policyReport"),
            ("prometheus.serviceMonitor.labels=a", "labels"), ("grafana.dashboard.enable=true", "enable"),
        ]
    )
    func refusals(setting: String, named: String) async throws {
        let outcome = try await InstallTool.helm.run(["template", "vigil", "charts/vigil", "--set", setting])
        let isRefused = !outcome.isSuccess
        #expect(isRefused)
        #expect(outcome.errors.contains(named), "\(outcome.errors)")
    }

    @Test(
        "an interval is refused that a policy with the other defaults could not have, or that nothing would come of",
        arguments: [
            ("watch.interval=2h", "1s to 1h"), ("watch.interval=5us", "1s to 1h"), ("watch.interval=60m1s", "1s to 1h"),
            ("watch.interval=999ms", "1s to 1h"), ("watch.interval=5m,crd.enabled=false", "spec.interval"),
        ]
    )
    func intervals(setting: String, instead: String) async throws {
        let outcome = try await InstallTool.helm.run(["template", "vigil", "charts/vigil", "--set", setting])
        let isRefused = !outcome.isSuccess
        #expect(isRefused)
        #expect(outcome.errors.contains("watch.interval") && outcome.errors.contains(instead), "\(outcome.errors)")
    }

    @Test("the shortest and the longest interval are taken", arguments: ["1s", "1000ms", "59m60s", "0.5h", "1h"])
    func intervalBounds(interval: String) async throws {
        _ = try await chart("vigil-system", "watch.interval=\(interval)")
    }

    @Test(
        "settings that rights, probes or mounts have to fit are refused wherever they are, naming what to set",
        arguments: [
            ("config.watch.namespace=shop", "set watch.namespace"),
            ("extraArgs={--namespace=shop}", "set watch.namespace"),
            ("config.reports.policyReports=true", "set policyReports"),
            ("config.endpoints.requireToken=true", "set endpoints.requireToken"),
            ("config.endpoints.tlsCertificateFile=/tls.crt", "set endpoints.tlsSecret"),
            ("config.endpoints.tlsKeyFile=/tls.key", "set endpoints.tlsSecret"),
            ("config.health.address=0.0.0.0:8080", "port 9581"),
            ("config.health.address=127.0.0.1:9581", "port 9581"),
            ("extraEnv[0].name=VIGIL_HEALTH_ADDRESS", "port 9581"),
            ("config.leaderElection.leaseName=other", "name the release"),
            ("config.leaderElection.leaseNamespace=other", "--namespace"),
            ("config.leaderElection.enabled=false", "set replicas"),
            ("extraArgs={--no-leader-election}", "set replicas"),
            ("extraArgs={--identity=me}", "leave it out"), ("extraEnv[0].name=VIGIL_IDENTITY", "leave it out"),
            ("config.kubernetes.kubeconfig=/kubeconfig", "serviceAccount.name"),
            ("config.kubernetes.context=other", "serviceAccount.name"),
            ("config.registry.caFile=/ca.crt,registry.caConfigMap=ca", "registry.caConfigMap"),
            ("config.registry.credentialsFile=/c.json,registry.credentialsSecret=c", "registry.credentialsSecret"),
        ]
    )
    func ownedSettings(setting: String, instead: String) async throws {
        let outcome = try await InstallTool.helm.run(["template", "vigil", "charts/vigil", "--set", setting])
        let isRefused = !outcome.isSuccess
        #expect(isRefused)
        #expect(outcome.errors.contains("is refused") && outcome.errors.contains(instead), "\(outcome.errors)")
    }

    @Test("what fits a release as it is may stand under config, and Prometheus shows the token that is asked for there")
    func fittingSettings() async throws {
        let plain = try await chart(
            "vigil-system",
            "config.health.address=[::]:9581",
            "config.leaderElection.enabled=true",
            "config.registry.caFile=/etc/vigil/registry-certificates/ca.crt"
        )
        #expect(try configuration(of: plain).value(at: "health", "address") == "[::]:9581")
        let secured = try await chart(
            "shop",
            "watch.namespace=shop",
            "config.endpoints.requireToken=true",
            "prometheus.serviceMonitor.enabled=true"
        )
        let monitor = try secured.object("ServiceMonitor", "vigil")
        #expect(monitor.value(at: "spec", "endpoints")?.array?.first?["bearerTokenFile"] != nil)
    }

    @Test("helm lint has nothing to complain of")
    func lint() async throws {
        let text = try await InstallTool.helm("lint", "charts/vigil", "--strict")
        #expect(text.contains("0 chart(s) failed"))
    }
}
