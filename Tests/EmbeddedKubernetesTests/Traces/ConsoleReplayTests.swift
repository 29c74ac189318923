import EmbeddedKubernetes
import Foundation
import TestDocuments
import Testing

/// What was typed when the exchanges were recorded, typed again: people see what they saw of a real API server.
@Suite(
    "Recorded consoles",
    .enabled(if: try Kubectl.isInstalled, Kubectl.reason),
    .enabled(if: try Kubectl.curl.areMet, Comment(rawValue: Kubectl.curl.reason)),
    .timeLimit(.minutes(5))
)
struct ConsoleReplayTests {
    /// What is there and was not recorded, and what was recorded and is not there.
    private static func difference(_ recorded: String, _ seen: String) -> [String] {
        let (recorded, seen) = (ConsoleRecording.lines(of: recorded), ConsoleRecording.lines(of: seen))
        return seen.difference(from: recorded).map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }
    }

    @Test("kubectl says what it said to a real API server, command by command")
    func replay() async throws {
        let all = try ConsoleRecording.all()
        #expect(all.count == 98 && all.count { $0.exception == nil } > 60)
        #expect(all.count { $0.patientCommand != $0.command } == 2)
        try await Kubectl.with { kubectl in
            try FileManager.default.copyItem(
                atPath: "\(TraceFixtures.folder)/inputs",
                toPath: "\(kubectl.home)/inputs"
            )
            for recording in all {
                let command = recording.patientCommand.replacing("$SERVER", with: "http://127.0.0.1:\(kubectl.port)")
                let seen = try await kubectl.shell(command, in: "inputs")
                guard recording.exception == nil else { continue }
                let place = "\(recording.file): \(recording.command)"
                let difference = Self.difference(recording.output, seen.out + seen.err)
                #expect(difference.isEmpty, "\(place):\n\(difference.prefix(20).joined(separator: "\n"))")
                #expect(seen.exitCode == recording.status, "\(place)")
            }
        }
    }

    @Test("a difference is found, whatever else differs from run to run")
    func differences() {
        let text = "NAME   READY   AGE\nweb    True    9s\nuid: 891b35f3-dac1-486c-9c18-e315efc6bb79\n"
        let later = "NAME READY AGE\nweb True 2m3s\nuid: 00000000-dac1-486c-9c18-e315efc6bb79\n"
        #expect(Self.difference(text, later) == [])
        #expect(Self.difference(text, later.replacing("True", with: "False")).count == 2)
        #expect(Self.difference(text, later + "more\n") == ["+ more"])
        #expect(Self.difference(text + "more\n", later) == ["- more"])
        let read = ConsoleRecording.read("$ a b\nx\n$y\n[exit 0]\n$ c\nz[exit 12]\n", file: "f")
        #expect(read.map(\.command) == ["a b", "c"] && read.map(\.output) == ["x\n$y\n", "z"])
        #expect(read.map(\.status) == [0, 12])
    }
}
