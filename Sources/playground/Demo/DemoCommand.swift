import ArgumentParser
import Foundation

/// `playground demo`: Vigil at work, end to end, with nothing installed.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows Vigil at work, end to end: a real registry, real signatures, kubectl.",
        discussion: """
            Everything runs on 127.0.0.1 and below .build/demo, and ends with the demo. With KUBECONFIG set, that \
            cluster is used instead of the embedded Kubernetes API, in namespaces of its own that are removed again.
            """
    )

    @Flag(help: "Leave everything running afterwards, until Ctrl-C. KEEP=1 does the same.")
    var keep = false

    @Option(help: "The vigil program that is shown; the one beside this program if not given.")
    var vigil: String?

    @Option(help: "The folder with docker-registry, oras, notation and kubectl; VIGIL_TOOLS or .build/tools/bin.")
    var tools: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let transcript = Transcript(environment: environment)
        do {
            let session = try DemoSession(self, environment: environment, transcript: transcript)
            let checks = try await session.run()
            guard checks.allSatisfy(\.holds) else { throw ExitCode(1) }
        } catch let error as DemoError where error.code == .interrupted {
            transcript.failure("\(error.message) Everything was stopped.")
            throw ExitCode(130)
        } catch let error as DemoError {
            transcript.failure("\(error)")
            throw ExitCode(1)
        }
    }

    /// Whether things keep running: the flag, or `KEEP` with anything but nothing or 0.
    func isKept(_ environment: [String: String]) -> Bool {
        keep || !["", "0"].contains(environment["KEEP"] ?? "")
    }
}
