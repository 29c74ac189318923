import JSONModel

extension Demo {
    /// Tells why a running image is trusted, keeps the evidence, and judges it again from that alone.
    func explainPod(_ scene: Scene, _ registries: DemoRegistries) async throws -> [Check] {
        transcript.heading(
            "Why is it trusted? And the evidence in one file, to judge it again where there is no registry"
        )
        let bundle = relative("web-0.tar")
        let explain =
            [
                "explain", "pod/web-0", "--namespace", scene.namespace(.shop), "--container", "web",
                "--bundle", bundle,
            ] + registries.plainHTTP
        transcript.command(Toolbox.commandLine(.vigil, explain))
        let explained = try await tools.outcome(.vigil, explain)
        transcript.output(explained.output + explained.errorOutput)
        let verify = ["verify", "--bundle", bundle]
        transcript.command(Toolbox.commandLine(.vigil, verify))
        let verified = try await tools.outcome(.vigil, verify)
        transcript.output(verified.output + verified.errorOutput)

        let json = try await tools.outcome(.vigil, verify + ["--output", "json"])
        let last = explained.output.split(separator: "\n").last.map(String.init) ?? ""
        let isExplained = last.contains("verdict: Trusted, Verified: ")
        let isRepeated = Self.isRepeated(inReport: json.output)
        return [
            Check(
                subject: "vigil explain tells every step of pod web-0",
                expected: "Trusted, Verified",
                seen: isExplained ? "Trusted, Verified" : "\(last.prefix(80))",
                holds: isExplained
            ),
            Check(
                subject: "vigil verify --bundle repeats it offline",
                expected: "the same verdict",
                seen: isRepeated ? "the same verdict" : "another, or none",
                holds: isRepeated
            ),
            try await repeatEveryPod(scene, registries),
        ]
    }

    /// Keeps the evidence about every pod, whatever is held of its images, and judges it again from that alone.
    private func repeatEveryPod(_ scene: Scene, _ registries: DemoRegistries) async throws -> Check {
        var apart: [String] = []
        for pod in DemoPod.all {
            let bundle = relative("\(pod.name).tar")
            let explain =
                ["explain", "pod/\(pod.name)", "--namespace", scene.namespace(pod.team), "--bundle", bundle]
                + ["--output", "json"] + registries.plainHTTP
            let before = try await tools.outcome(.vigil, explain)
            let after = try await tools.outcome(.vigil, ["verify", "--bundle", bundle, "--output", "json"])
            guard let verdicts = Self.outcomes(inReport: before.output), !verdicts.isEmpty,
                Self.outcomes(inReport: after.output) == verdicts,
                Self.isSame(inReport: after.output)
            else {
                apart.append(pod.name)
                continue
            }
        }
        return Check(
            subject: "so it does for every pod, trusted or not",
            expected: "the same verdicts for \(DemoPod.all.count) pods",
            seen: apart.isEmpty
                ? "the same verdicts for \(DemoPod.all.count) pods" : "not for \(apart.joined(separator: ", "))",
            holds: apart.isEmpty
        )
    }

    /// What a report holds of its images, in order.
    static func outcomes(inReport text: String) -> [String]? {
        let report = try? JSONParser().parse([UInt8](text.utf8))
        return report?["images"]?.array?.map { "\($0["verdict"]?.string ?? "") \($0["reason"]?.string ?? "")" }
    }

    /// Whether a report says that all images are judged as they were recorded.
    static func isSame(inReport text: String) -> Bool {
        let report = try? JSONParser().parse([UInt8](text.utf8))
        guard let images = report?["bundle"]?["images"]?.array, !images.isEmpty else { return false }
        return images.allSatisfy { $0["same"] == true }
    }

    /// Whether a report says that an image is trusted now as it was recorded.
    static func isRepeated(inReport text: String) -> Bool {
        let report = try? JSONParser().parse([UInt8](text.utf8))
        return report?["bundle"]?["images"]?.array?.map { $0["same"] } == [true]
            && report?["images"]?.array?.map { $0["verdict"] } == ["Trusted"]
    }
}
