import Foundation
import Testing

/// The program beside the tools that people start it from.
@Suite(.timeLimit(.minutes(10))) struct CommandLineTests {
    @Test(
        "kubectl finds it as a plugin, and what it says and its status come through",
        .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason)
    )
    func plugin() async throws {
        try await Workspace.with { workspace in
            let kubectl = try #require(KubectlTool.path)
            let folder = "\(workspace.path)/bin"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let plugin = "\(folder)/kubectl-vigil"
            try FileManager.default.createSymbolicLink(atPath: plugin, withDestinationPath: RealTools.vigil)
            let command = "PATH=\"$1:$PATH\" exec \"$2\" vigil"
            let version = try await workspace.run("/bin/sh", ["-c", "\(command) version", "sh", folder, kubectl])
            #expect(version.output.hasPrefix("vigil "), "\(version.errors)")
            #expect(version.status == 0)
            let mistake = try await workspace.run("/bin/sh", ["-c", "\(command) verify", "sh", folder, kubectl])
            #expect(mistake.status == 2, "\(mistake.errors)")
        }
    }

    /// Writes the script for a shell to a file of the workspace.
    private func complete(for shell: String, _ file: String, in workspace: Workspace) async throws {
        let script = try await workspace.vigil(["--generate-completion-script", shell])
        try #require(script.status == 0, "\(script.errors)")
        try workspace.write(script.output, to: file)
    }

    @Test("the completions for bash are a script that bash can read, and complete commands")
    func completionsOfBash() async throws {
        try await Workspace.with { workspace in
            try await complete(for: "bash", "vigil.bash", in: workspace)
            let steps = """
                source ./vigil.bash; COMP_WORDS=(vigil ver); COMP_CWORD=1; COMP_LINE='vigil ver'; COMP_POINT=9
                _vigil vigil ver vigil; printf '%s\\n' "${COMPREPLY[@]}"
                """
            let found = try await workspace.run("/bin/bash", ["-c", steps])
            #expect(
                Set(found.output.split(whereSeparator: \.isWhitespace)) == ["verify", "version"],
                "\(found.output)\(found.errors)"
            )
        }
    }

    @Test(
        "the completions for fish complete commands, options and their values",
        .enabled(if: try RealTools.has("fish"), RealTools.lack(of: "fish")),
        arguments: [
            "vigil ver": ["verify", "version"], "vigil config ": ["check", "show"],
            "vigil bulk-sign --tool ": ["notation", "cosign", "vcn"], "vigil verify --pol": ["--policy"],
        ]
    )
    func completionsOfFish(line: String, expected: Set<String>) async throws {
        try await Workspace.with { workspace in
            try await complete(for: "fish", "vigil.fish", in: workspace)
            let steps = "source vigil.fish; complete -C '\(line)'"
            let found = try await workspace.run(RealTools.path("fish"), ["--no-config", "-c", steps])
            // What it is stands behind each.
            let words = found.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
            #expect(Set(words.map(String.init)) == expected, "\(found.output)\(found.errors)")
        }
    }

    @Test(
        "the completions for zsh are offered by an interactive shell",
        .enabled(if: try RealTools.has("zsh"), RealTools.lack(of: "zsh")),
        arguments: [
            "vigil ver": ["verify", "version"], "vigil config ": ["check", "show"],
            "vigil bulk-sign --tool ": ["notation", "cosign", "vcn"],
        ]
    )
    func completionsOfZsh(line: String, expected: Set<String>) async throws {
        try await Workspace.with { workspace in
            try await complete(for: "zsh", "fn/_vigil", in: workspace)
            let zsh = RealTools.path("zsh")
            let folder = URL(filePath: zsh).resolvingSymlinksInPath().deletingLastPathComponent().path
            let script = "\(InstalledCluster.checkout)/Tests/Fixtures/completion/list.zsh"
            let found = try await workspace.run(zsh, ["-f", script, zsh, folder, line])
            let offered = found.output.split(whereSeparator: \.isNewline).compactMap { line in
                line.range(of: "offered: ").map { line[$0.upperBound...].split(separator: " ").map(String.init) }
            }
            #expect(offered.map(Set.init) == [expected], "\(found.output)\(found.errors)")
        }
    }
}
