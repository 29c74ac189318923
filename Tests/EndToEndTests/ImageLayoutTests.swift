import Foundation
import TestDocuments
import Testing

/// The container image that `hack/build-image` makes, through a real registry and back.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5))) struct ImageLayoutTests {
    private static let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let script = checkout + "/hack/build-image"
    private static let privilege = MachineNeeds(
        geteuid() == 0,
        else: "changing the root folder takes root: run it as root"
    )
    /// An image that was made before, by `make image`; without it one is made of the program beside these tests.
    private static let given = ProcessInfo.processInfo.environment["VIGIL_IMAGE_LAYOUT"]

    /// Runs the pulled image's program as its user, on a root that cannot be written, as a container runtime would.
    private func start(_ arguments: [String], root: String, in workspace: Workspace) async throws -> Workspace.Outcome {
        let steps = """
            mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -o remount,bind,ro "$1" && cd "$1" && \
            root=$1 && shift && exec /usr/sbin/chroot --userspec=65532:65532 "$root" /usr/bin/vigil "$@"
            """
        return try await workspace.run(
            "/usr/bin/unshare",
            ["--mount", "--pid", "--fork", "/bin/sh", "-c", steps, "sh", root] + arguments
        )
    }

    @Test(
        "the image goes to a registry and back, and its program runs from it, without root and on a read-only root",
        .enabled(if: try privilege.areMet, Comment(rawValue: privilege.reason)),
        .enabled(if: try RealTools.has("crane"), RealTools.lack(of: "crane"))
    )
    func roundTrip() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                let layout = Self.given ?? "\(workspace.path)/image"
                if Self.given == nil {
                    let built = try await workspace.run(Self.script, [RealTools.vigil, layout])
                    try #require(built.status == 0, "\(built.errors)")
                }
                let version = try await workspace.vigil(["version"]).output.split(separator: " ").last
                let tag = try #require(version).trimmingCharacters(in: .whitespacesAndNewlines)
                let image = "\(registry.host)/vigil:\(tag)"
                try await workspace.tool(
                    "oras",
                    ["cp", "--from-oci-layout", "--to-plain-http", "\(layout):\(tag)", image]
                )
                let root = "\(workspace.path)/root"
                try FileManager.default.createDirectory(atPath: "\(root)/proc", withIntermediateDirectories: true)
                // crane compares every layer with its digest on the way.
                try await workspace.tool("crane", ["export", "--insecure", image, "root.tar"])
                let unpacked = try await workspace.run(
                    "/bin/tar",
                    ["--extract", "--file", "root.tar", "--directory", root]
                )
                try #require(unpacked.status == 0, "\(unpacked.errors)")
                let answer = try await start(["version"], root: root, in: workspace)
                #expect(answer.output == "vigil \(tag)\n", "\(answer.errors)")
                // It reaches a registry from in there: the one that it came from.
                let list = try await start(["list", "--plain-http", image], root: root, in: workspace)
                #expect(list.status == 0, "\(list.errors)")
                #expect(list.output.contains("@sha256:"), "\(list.output)")
                let settings = try await workspace.tool("crane", ["config", "--insecure", image])
                #expect(settings.contains(#""User":"65532:65532""#))
                #expect(settings.contains(#""Entrypoint":["/usr/bin/vigil"]"#))
                for shell in ["bin/sh", "usr/bin/sh", "bin/bash"] {
                    #expect(!FileManager.default.fileExists(atPath: "\(root)/\(shell)"))
                }
            }
        }
    }

    /// A program that answers every argument, in the place of one that takes long to pack.
    private static let small = "/bin/echo"

    @Test("the same inputs give the same image, byte for byte")
    func reproducible() async throws {
        try await Workspace.with { workspace in
            var indexes: [String] = []
            for folder in ["first", "second"] {
                let built = try await workspace.run(Self.script, [Self.small, "\(workspace.path)/\(folder)"])
                try #require(built.status == 0, "\(built.errors)")
                indexes.append(try workspace.read("\(folder)/index.json"))
            }
            #expect(indexes[0] == indexes[1])
        }
    }

    @Test("what cannot become an image is an error that says what to do, and nothing is overwritten")
    func refusals() async throws {
        try await Workspace.with { workspace in
            let missing = try await workspace.run(Self.script, ["/nonexistent/vigil"])
            #expect(missing.status == 1 && missing.errors.contains("make release builds one"))
            try workspace.write("mine", to: "letters/one")
            let occupied = try await workspace.run(Self.script, [Self.small, "\(workspace.path)/letters"])
            #expect(occupied.status == 1 && occupied.errors.contains("is no image layout"))
            #expect(try workspace.read("letters/one") == "mine")
        }
    }
}
