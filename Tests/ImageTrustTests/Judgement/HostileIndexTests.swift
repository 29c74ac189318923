import ImageTrust
import OCIModel
import TestTiming
import Testing
import TrustModel

/// What a container runtime would run, modelled after containerd's platform matching: names are normalised, entries
/// without a platform fit anything and come last, and of those that fit the best comes first.
private struct RuntimeModel {
    /// What the node runs, best first: normalised `architecture/variant`.
    let preferences: [String]

    static let nodes: [String: RuntimeModel] = [
        "linux/amd64": RuntimeModel(preferences: ["amd64/v3", "amd64/v2", "amd64/", "386/"]),
        "linux/arm64": RuntimeModel(preferences: ["arm64/v8", "arm/v8", "arm/v7", "arm/v6", "arm/v5"]),
        "linux/s390x": RuntimeModel(preferences: ["s390x/"]),
    ]

    func choice(of entries: [Descriptor]) -> Descriptor? {
        let ranked = entries.compactMap { entry -> (rank: Int, entry: Descriptor)? in
            guard let platform = entry.platform else { return (preferences.count, entry) }
            guard platform.os.lowercased() == "linux" else { return nil }
            return preferences.firstIndex(of: Self.normalised(platform)).map { ($0, entry) }
        }
        return ranked.min { $0.rank < $1.rank }?.entry
    }

    private static func normalised(_ platform: Platform) -> String {
        switch (platform.architecture.lowercased(), platform.variant?.lowercased()) {
        case ("x86_64", nil), ("x86-64", nil), ("amd64", nil), ("amd64", "v1"): "amd64/"
        case ("i386", _): "386/"
        case ("aarch64", nil), ("arm64", nil), ("arm64", "8"): "arm64/v8"
        case ("armhf", _), ("arm", nil), ("arm", "7"): "arm/v7"
        case ("armel", _), ("arm", "6"): "arm/v6"
        case (let architecture, let variant): "\(architecture)/\(variant ?? "")"
        }
    }
}

@Suite("Indexes of any shape")
struct HostileIndexTests {
    private static let platforms: [String?] = [
        nil, "linux/amd64", "linux/amd64/v1", "linux/amd64/v2", "linux/amd64/v3", "linux/x86_64", "Linux/amd64",
        "linux/x86-64", "linux/386", "linux/i386", "linux/arm64", "linux/arm64/v8", "linux/aarch64", "linux/arm/v7",
        "linux/arm", "linux/armhf", "linux/arm/7", "linux/s390x", "LINUX/s390x", "windows/amd64", "unknown/unknown",
        "linux/unknown", "plan9/amd64",
    ]

    @Test("An unsigned index is Trusted only if what the node would choose is signed", arguments: 0..<60)
    func choice(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let scene = try TrustScene()
        for _ in 0..<5 {
            let count = Int.random(in: 1...4, using: &random)
            let chosen = (0..<count).map { _ in Self.platforms.randomElement(using: &random) ?? nil }
            var entries = try scene.push(platforms: chosen)
            for number in entries.indices {
                if Bool.random(using: &random) || Bool.random(using: &random) { try scene.sign(entries[number]) }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    entries[number].annotations["vnd.docker.reference.type"] = "attestation-manifest"
                }
            }
            let signed = Set(entries.map(\.digest).filter { scene.registry.hasReferrers($0) })
            let index = try scene.registry.push(TrustScene.index(entries), as: .ociIndex)
            let reference = ImageReference(repository: scene.repository, digest: index.digest)
            let unknown = try await scene.judge(reference)
            for (node, runtime) in RuntimeModel.nodes {
                guard let choice = runtime.choice(of: entries), !signed.contains(choice.digest) else { continue }
                #expect(unknown.verdict != .trusted, "seed \(seed): \(chosen) on \(node)")
                let known = try await scene.judge(reference, platform: node)
                #expect(known.verdict != .trusted, "seed \(seed): \(chosen) on \(node), known")
            }
        }
    }
}
