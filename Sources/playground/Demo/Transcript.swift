import Foundation
import Synchronization

/// What the demo prints: headings, commands as a person would type them, and what they wrote.
struct Transcript: Sendable {
    private let isColored: Bool
    private let start = ContinuousClock.now

    /// Colours are used on a terminal only, and not where the environment declines them (`NO_COLOR`, `TERM=dumb`).
    init(environment: [String: String]) {
        isColored =
            isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb" && (environment["NO_COLOR"] ?? "").isEmpty
    }

    private enum Style: String {
        case bold = "1", dim = "2", red = "31", green = "32", cyan = "36"
    }

    /// What happens next.
    func heading(_ text: String) { write("\n" + styled("==> " + text, .bold)) }

    /// A remark.
    func note(_ text: String) { write(text.isEmpty ? "" : styled("    " + text, .dim)) }

    /// A remark that matters.
    func result(_ text: String, isGood: Bool = true) { write(styled("    " + text, isGood ? .green : .red)) }

    /// A command, before it runs.
    func command(_ line: String) { write(styled("$ ", .cyan) + styled(line, .bold)) }

    /// What a command wrote.
    func output(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let trimmed = lines.reversed().drop { $0.allSatisfy(\.isWhitespace) }.reversed()
        if !trimmed.isEmpty { write(trimmed.joined(separator: "\n")) }
    }

    /// The table at the end.
    func summary(_ checks: [Check], logs: String) {
        heading("What was expected, and what was seen (after \(elapsed))")
        let rows = [["EXPECTATION", "EXPECTED", "SEEN"]] + checks.map { [$0.subject, $0.expected, $0.seen] }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for (index, row) in rows.enumerated() {
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            let check = index == 0 ? nil : checks[index - 1]
            let mark = check.map { $0.holds ? styled("ok", .green) : styled("NOT OK", .red) } ?? "OK"
            write((cells + [mark]).joined(separator: "   "))
        }
        let failed = checks.filter { !$0.holds }.count
        write("")
        if failed == 0 {
            result("All \(checks.count) expectations hold.")
        } else {
            result("\(failed) of \(checks.count) expectations do not hold.", isGood: false)
            note("What Vigil, the registry and the API wrote is in \(logs).")
        }
    }

    /// Something went wrong: to standard error.
    func failure(_ text: String) {
        Self.send(styled("error: ", .red) + text + "\n", to: STDERR_FILENO)
    }

    /// How long the demo has been running, in seconds.
    var elapsed: String { Self.seconds(ContinuousClock.now - start) }

    /// A duration in seconds, with two digits.
    static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let hundredths = seconds * 100 + attoseconds / 10_000_000_000_000_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isColored ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func write(_ line: String) { Self.send(line + "\n", to: STDOUT_FILENO) }

    /// Written at once, not buffered: a person watches.
    ///
    /// That nobody reads any more is no reason to stop.
    private static func send(_ text: String, to descriptor: Int32) {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try? file.write(contentsOf: Data(text.utf8))
    }
}
