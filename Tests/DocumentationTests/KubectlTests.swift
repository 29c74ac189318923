import TestDocuments
import Testing

/// What the documentation asks a cluster about with `kubectl`, asked of a stand-in that has our definitions and nothing else.
@Suite("kubectl in the documentation", .enabled(if: try Tool.areInstalled, Tool.reason), .timeLimit(.minutes(5)))
struct KubectlTests {
    /// Commands that end at once, whatever is there.
    private static let verbs: Set<String> = [
        "get", "describe", "explain", "annotate", "label", "patch", "delete", "wait", "events",
    ]

    /// Kinds of others, whose definitions are not ours to install: nobody here can say which fields they have.
    private static let foreignKinds: Set<String> = ["policyreport", "policyreports"]

    /// What says that the command itself is wrong, not that the object it names does not exist.
    private static func isMistake(_ text: String) -> Bool {
        [
            "doesn't have a resource type", "unknown flag", "unknown command", "unknown shorthand", "error: invalid",
            "field \"", "couldn't find resource", "unrecognized condition", "unable to parse", "does not exist in",
        ].contains { text.contains($0) }
    }

    private static func mistake(in words: [String], _ cluster: DocumentedCluster) async throws -> String? {
        guard let verb = words.dropFirst().first(where: { verbs.contains($0) }) else { return nil }
        // What stands in files is applied elsewhere; raw paths need a running operator.
        guard !words.contains("-k"), !words.contains("-f"), !words.contains("--raw") else { return nil }
        guard foreignKinds.isDisjoint(with: words) else { return nil }
        let arguments = words.dropFirst() + (verb == "wait" ? ["--timeout=1s"] : [])
        let outcome = try await cluster.kubectl(Array(arguments))
        return !outcome.isSuccess && isMistake(outcome.errors) ? outcome.errors : nil
    }

    @Test("resources, fields and flags are ones that an API server with our definitions knows")
    func commands() async throws {
        let commands = Documentation.checkout.scripts.flatMap { block, script in
            script.commands.map { ("\(block.page):\($0.line)", $0.words) }
        }
        .filter { $0.1[0] == "kubectl" }
        #expect(commands.count > 20)
        try await DocumentedCluster.with { cluster in
            for (place, words) in commands {
                let mistake = try await Self.mistake(in: words, cluster)
                #expect(mistake == nil, "\(place): \(words.joined(separator: " ")): \(mistake ?? "")")
            }
            for wrong in [
                "get trustpolicys -A", "explain trustpolicy.spec.intervall", "get iv --wath", "describe ivv x",
            ] {
                let words = ["kubectl"] + wrong.split(separator: " ").map(String.init)
                #expect(try await Self.mistake(in: words, cluster) != nil, "\(wrong)")
            }
        }
    }
}
