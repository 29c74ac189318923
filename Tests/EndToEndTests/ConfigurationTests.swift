import Foundation
import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import Testing
import TrustResources

/// The configuration of a running `vigil operator`, changed as a kubelet changes it.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(10))) struct ConfigurationTests {
    /// A mounted ConfigMap: a file behind a symbolic link to a folder that is swapped.
    private struct Volume {
        let workspace: Workspace
        var file: String { "\(workspace.path)/volume/config.yaml" }

        init(_ workspace: Workspace, _ text: String) throws {
            self.workspace = workspace
            try FileManager.default.createDirectory(
                atPath: "\(workspace.path)/volume",
                withIntermediateDirectories: true
            )
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "..data/config.yaml")
            try swap(text)
        }

        /// Writes a new folder and swaps the link to it.
        func swap(_ text: String) throws {
            let folder = "..\(UUID().uuidString)"
            let link = "\(workspace.path)/volume/..data"
            try workspace.write(text, to: "volume/\(folder)/config.yaml")
            try FileManager.default.createSymbolicLink(atPath: "\(link)_tmp", withDestinationPath: folder)
            try #require(rename("\(link)_tmp", link) == 0)
        }
    }

    @Test(
        "a change takes effect, a mistake does not stop the operator and is told by log, metric and Event, and is mended",
        .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason)
    )
    func changes() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                let volume = try Volume(workspace, "log: {level: info}\n")
                _ = try await cluster.client.resource(ConfigMap.self).create(
                    ConfigMap(metadata: ObjectMeta(name: "settings", namespace: cluster.namespace))
                )
                let process = OperatorProcess(
                    cluster,
                    identity: "only",
                    arguments: ["--config", volume.file, "--config-map", "\(cluster.namespace)/settings"]
                )
                try await process.whileRunning {
                    do {
                        try await change(volume, process, cluster)
                    } catch {
                        Issue.record("\(process.log)")
                        throw error
                    }
                }
            }
        }
    }

    private func change(_ volume: Volume, _ process: OperatorProcess, _ cluster: OperatorCluster) async throws {
        let port = try await process.healthPort()
        try await cluster.waitForHolder("only")
        try await cluster.runPod("web-0", repository: "registry.example.com/shop/web")
        let before = try await scrape(port, until: "vigil_config_last_reload_successful 1\n")
        #expect(before.contains("vigil_config_restart_required 0\n") && !before.contains("kube_notary_"))
        #expect(!process.log.contains(" debug "))

        try volume.swap("log: {level: debug}\nmetrics: {kubeNotary: true}\n")
        let changed = #"changed="log.level, metrics.kubeNotary" the configuration is taken"#
        try await process.waitForLine(containing: changed)
        try await process.waitForLine(containing: " debug vigil.configuration: ")
        _ = try await scrape(port, until: "kube_notary_aggregate_status{")

        try volume.swap("log: {levle: info}\nmetrics: {kubeNotary: maybe}\n")
        let told = try await process.waitForLine(containing: "the configuration is refused")
        #expect(told.contains("\(volume.file):1:7: log.levle: is no setting (did you mean level?)"), "\(told)")
        let refused = try await scrape(port, until: "vigil_config_last_reload_successful 0\n")
        #expect(refused.contains("kube_notary_aggregate_status{"), "the former configuration stays")
        let event = try await cluster.firstObject(of: Event.self) { $0.reason == "ConfigurationRefused" }
        let map = try await cluster.client.resource(ConfigMap.self).get("settings", namespace: cluster.namespace)
        #expect(event?.type == "Warning" && event?.regarding == ObjectReference(uidOf: map))
        #expect(
            event?.note?.contains("metrics.kubeNotary: is text, expected true or false") == true,
            "\(event?.note ?? "")"
        )
        let shown = try await KubectlTool(cluster: cluster).events(of: "configmap", "settings")
        #expect(shown.contains { $0.hasPrefix("Warning ConfigurationRefused ") }, "\(shown)")
        let ready = try await read("http://127.0.0.1:\(port)/readyz?verbose")
        #expect(ready.contains("[+]configuration ok: refused, the former stays: ") && ready.contains("check passed"))

        try volume.swap("log: {level: info, format: json}\nworkers: 8\n")
        let line = try await process.waitForLine(containing: "\"message\":\"the configuration is taken\"")
        #expect(line.hasPrefix("{") && line.contains("\"changed\":\"log.level, log.format, metrics.kubeNotary\""))
        try await process.waitForLine(containing: "\"settings\":\"workers\"")
        let mended = try await scrape(port, until: "vigil_config_last_reload_successful 1\n")
        #expect(mended.contains("vigil_config_restart_required 1\n") && !mended.contains("kube_notary_"))
        let taken = try await cluster.firstObject(of: Event.self) { event in
            event.reason == "ConfigurationTaken" && event.note?.contains("waits for a restart: workers") == true
        }
        #expect(taken?.type == "Normal")
    }

    @Test(
        "a registry that is to be asked over plain HTTP is asked so from then on",
        .enabled(if: try RealTools.areInstalled, RealTools.reason)
    )
    func registry() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                let volume = try Volume(workspace, "workers: 4\n")
                try await RealRegistry.with(workspace) { registry in
                    let process = OperatorProcess(cluster, identity: "only", arguments: ["--config", volume.file])
                    try await process.whileRunning {
                        try await cluster.waitForHolder("only")
                        try await cluster.applyPolicy()
                        try await cluster.runPod("web-0", repository: "\(registry.host)/shop/web")
                        try await waitForVerdict(saying: "TLS", in: cluster, process)
                        try volume.swap("registry: {plainHTTP: [\"\(registry.host)\"]}\n")
                        // The registry is reached, and has no such image.
                        try await waitForVerdict(saying: "404 MANIFEST_UNKNOWN", in: cluster, process)
                    }
                }
            }
        }
    }

    private func waitForVerdict(
        saying text: String,
        in cluster: OperatorCluster,
        _ process: OperatorProcess
    ) async throws {
        let object = try await cluster.firstObject(of: ImageVerification.self, within: 60) {
            $0.status?.message?.contains(text) == true
        }
        try #require(object != nil, "no verdict says \(text):\n\(process.log)")
    }

    @Test("the commands for configurations work on what the chart and config/manager ship")
    func commands() async throws {
        try await Workspace.with { workspace in
            let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            let shipped = try await workspace.vigil(["config", "check", "\(checkout)/config/manager/config_map.yaml"])
            #expect(shipped.status == 0 && shipped.output == "1 configuration: 0 errors\n", "\(shipped)")
            try workspace.write("log: {level: loud}\n", to: "config.yaml")
            let broken = try await workspace.vigil(["config", "check", "config.yaml"])
            #expect(broken.status == 1 && broken.output.hasPrefix("error: config.yaml:1:7: log.level: is \"loud\""))
            let started = try await workspace.vigil(["operator", "--config", "config.yaml"])
            #expect(started.status == 2 && started.errors.hasPrefix("vigil: config.yaml:1:7: log.level: is \"loud\""))
        }
    }

    private func scrape(_ port: Int, until wanted: String) async throws -> String {
        for _ in 0..<600 {
            let text = try await read("http://127.0.0.1:\(port)/metrics")
            if text.contains(wanted) { return text }
            try await Task.sleep(for: .milliseconds(50))
        }
        let text = try await read("http://127.0.0.1:\(port)/metrics")
        Issue.record("\(wanted) did not come:\n\(text)")
        return text
    }

    private func read(_ address: String) async throws -> String {
        try await OutboundHTTPClient.with { client in
            let response = try await client.send(OutboundRequest(.get, OutboundURL(address)), limit: .bytes(8 << 20))
            return String(decoding: response.body, as: UTF8.self)
        }
    }
}

extension ObjectReference {
    /// A reference to an object as such, whatever its version.
    fileprivate init(uidOf map: ConfigMap) {
        self.init(to: map)
        resourceVersion = nil
    }
}
