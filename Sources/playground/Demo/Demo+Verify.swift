import JSONModel

extension Demo {
    /// Judges the same images by the same policies without a cluster, and compares that with what is expected.
    func verifyManifests(_ scene: Scene, _ registries: DemoRegistries) async throws -> [Check] {
        transcript.heading("The same judgement on a laptop or in CI, before anything is deployed")
        let arguments =
            [
                "verify", "-f", relative("manifests/pods.yaml"), "--policy", relative("manifests"),
            ] + registries.plainHTTP
        transcript.command(Toolbox.commandLine(.vigil, arguments))
        let shown = try await tools.outcome(.vigil, arguments)
        transcript.output(shown.output + shown.errorOutput)

        let json = try await tools.outcome(.vigil, arguments + ["--output", "json"])
        let verdicts = Self.verdicts(inReport: json.output)
        let expected = scene.images.values
        let same = expected.filter { verdicts[$0.tagged] == $0.image.expected }
        return [
            Check(
                subject: "vigil verify judges the manifests like the operator",
                expected: "\(expected.count) of \(expected.count) images",
                seen: "\(same.count) of \(expected.count) images",
                holds: same.count == expected.count
            )
        ]
    }

    /// The outcome for each image, by the reference that the manifests name it by.
    ///
    /// What is no report has none: the images are missing in the summary then.
    static func verdicts(inReport text: String) -> [String: Expectation.Outcome] {
        let report = try? JSONParser().parse([UInt8](text.utf8))
        var verdicts: [String: Expectation.Outcome] = [:]
        for image in report?["images"]?.array ?? [] {
            guard let name = image["image"]?.string, let verdict = image["verdict"]?.string else { continue }
            verdicts[name] = .verdict(verdict, image["reason"]?.string ?? "")
        }
        return verdicts
    }
}
