import Foundation
import JSONModel

/// `vigil verify` over many images of a registry on loopback, and over those of one that is farther away.
struct RegistryLine: Sendable {
    let folder: DemoFolder
    /// The program that is measured.
    let vigil: String
    /// Its complete environment.
    let environment: [String: String]
    /// How many images.
    let images: Int

    /// An image's manifest, the list of its signatures, the manifest of one and its envelope: nothing of it can be known
    /// without having been read, and each is a request of its own (OCI Distribution 1.1).
    static let fewestRequests = 4

    /// Measures at no latency, and at 50 ms.
    ///
    /// - Returns: the sections of the report.
    /// - Throws: ``DemoError`` when vigil does not trust every image.
    func run() async throws -> [(heading: String, budgets: [Budget])] {
        BenchCommand.tell("==> verifying \(images) images of a registry on loopback")
        let near = try await SignedDigests.with { try await measure($0) }
        BenchCommand.tell("==> the same, each request 50 ms away")
        let far = try await SignedDigests.with(latency: .milliseconds(50)) { try await measure($0) }
        return [
            ("\(images) images, one vigil verify, a registry on loopback", near),
            ("The same, 50 ms away", far),
        ]
    }

    private func measure(_ signed: SignedDigests) async throws -> [Budget] {
        let references = try signed.publish(0..<images)
        let policy = try folder.write(JSONSerializer().string(signed.policy), to: "policy.json")
        let process = MeasuredProcess(
            executable: vigil,
            arguments: ["verify", "--plain-http", "--policy", policy] + references,
            environment: environment
        )
        let before = signed.requests
        let usage = try process.run()
        let requests = signed.requests - before
        let peak = try process.peakMemory()
        let seconds = usage.wall / .seconds(1)
        // One more in all: whether the registry has the referrers API is found out by asking for a list.
        let allowed = Double(Self.fewestRequests * images + 1) / Double(images)
        return [
            .quantity(
                "requests per image (\(Self.fewestRequests) at least)",
                Double(requests) / Double(images),
                "",
                atMost: allowed,
                digits: 3
            ),
            .quantity("images per second", Double(images) / seconds, "/s", digits: 0),
            .quantity("wall time", seconds, "s"),
            .quantity("CPU time", usage.cpu / .seconds(1), "s"),
            .quantity("peak memory", Double(peak ?? 0) / 1_048_576, "MiB", digits: 1),
        ]
    }
}
