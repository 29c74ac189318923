import Foundation
import Testing

/// The program beside the tools that people start it from.
@Suite(.timeLimit(.minutes(10))) struct CommandLineTests {
    @Test(
        "kubectl finds it as a plugin, and what it says and its status come through",
        .enabled(if: KubectlTool.path != nil, KubectlTool.reason)
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

    @Test("the completions for bash are a script that bash can read, and complete commands")
    func completions() async throws {
        try await Workspace.with { workspace in
            let script = try await workspace.vigil(["--generate-completion-script", "bash"])
            #expect(script.status == 0)
            try workspace.write(script.output, to: "vigil.bash")
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
}
