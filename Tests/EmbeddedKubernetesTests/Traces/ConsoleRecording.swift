import FoundationEssentials
import JSONModel

/// A command that was typed when the exchanges were recorded, and what a person saw.
struct ConsoleRecording: Sendable {
    /// The file that it is in.
    var file: String
    /// The command line; `$SERVER` stands for the URL of the server.
    var command: String
    /// What both streams said, in the order in which it was shown.
    var output: String
    var status: Int

    /// All of them, in the order in which they were typed.
    static func all() throws -> [ConsoleRecording] {
        let names = try FileManager.default.contentsOfDirectory(atPath: TraceFixtures.folder)
        return try names.filter { $0.hasSuffix(".console") }.sorted().flatMap { name in
            try read(String(contentsOfFile: "\(TraceFixtures.folder)/\(name)", encoding: .utf8), file: name)
        }
    }

    /// Reads a transcript: a prompt and a command, the output, `[exit STATUS]`, again and again.
    static func read(_ text: String, file: String) -> [ConsoleRecording] {
        text.split(separator: #/(?m)^\$ /#).compactMap { part in
            guard let match = part.wholeMatch(of: /(?s)([^\n]*)\n(.*)\[exit (\d+)\]\s*/) else { return nil }
            return ConsoleRecording(
                file: file,
                command: String(match.1),
                output: String(match.2),
                status: Int(match.3) ?? -1
            )
        }
    }

    /// Why the output is not compared, though the command is run; `nil` when it is.
    var exception: String? {
        if command.contains("curl ") { return "the exchanges or frames themselves are compared, whatever their form" }
        return Self.exceptions[command]
    }

    /// The command line as it is typed again: what watches while other commands work is ended when as many lines were shown
    /// as a person saw, and not after a time, for how much is shown in that depends on the machine.
    var patientCommand: String {
        guard let match = command.wholeMatch(of: /\(timeout \d+ ([^)]+)\) & sleep \d+; (.+); sleep \d+; wait/) else {
            return command
        }
        return """
            shown() { cat watched.out told.out | wc -l; }
            until_shown() { for _ in $(seq 600); do [ "$(shown)" -lt "$1" ] || return 0; sleep 0.1; done; }
            : > watched.out; : > told.out
            \(match.1) > watched.out & watch=$!
            until_shown 1
            { \(match.2); } > told.out 2>&1
            until_shown \(output.split(separator: "\n", omittingEmptySubsequences: false).count - 1)
            { kill $watch; wait; } 2> /dev/null
            cat watched.out told.out
            """
    }

    /// The watch that a command shows, with the frames that were seen of it.
    var watch: TraceExchange? {
        guard let match = command.wholeMatch(of: /timeout \d+ curl -sN '\$SERVER([^']+watch=true[^']*)'/) else {
            return nil
        }
        return TraceExchange(
            file: file,
            [
                "index": -1, "method": "GET", "path": .string(String(match.1)), "status": 200, "watch": true,
                "requestHeaders": ["Accept": "*/*"], "responseBody": .string(output),
            ]
        )
    }

    private static let exceptions = [
        "kubectl version": "it is about the client too",
        "kubectl get --raw /api": "the exchange is compared; the order of members is free",
        "kubectl get --raw /apis": "the exchange is compared; the order of members is free",
        "kubectl get ic web -n shop -o yaml --show-managed-fields":
            "the times of managed fields are the server's own; the exchange is compared",
        "kubectl get ns shop -o yaml": "the recording is of a server without the controller that ends namespaces",
    ]

    /// The lines of an output without what differs from run to run, and between versions of `kubectl`; sorted, because two
    /// streams are told together.
    static func lines(of output: String) -> [String] {
        var text = output
        let replacements: [(Regex<Substring>, String)] = [
            (/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000)?/, "TIME"),
            (/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, "UID"),
            (/(?:LIVE|MERGED)-\d+/, "FOLDER"),
            (/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ [+-]\d{4}/, "TIME"),
            (/\b\d+[smhd](?:\d+[smh])?\b/, "AGE"),
            (/resourceVersion"?: ?"?\d+/, "resourceVersion VERSION"),
            (/Resource Version: +\d+/, "Resource Version VERSION"),
            (#/ from [a-z]+ namespace/#, ""),
        ]
        for (pattern, word) in replacements { text.replace(pattern, with: word) }
        return text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            .filter { !$0.isEmpty }.sorted()
    }
}
