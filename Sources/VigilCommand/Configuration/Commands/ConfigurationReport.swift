import ArgumentParser
import JSONModel

/// How a check writes its report.
enum ReportFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    case text
    case json
}

/// What is wrong in configurations, for people and for programs.
///
/// For programs, with the members that `vigil policy check` gives findings where they apply:
/// ```
/// findings: [{severity, file, document, line, column, path, message}]
/// summary: {configurations, errors, exitStatus}
/// ```
/// Every member is always there; what is not known is `null`. `severity` is always `error`, and `path` the setting.
struct ConfigurationReport: Sendable {
    /// What is wrong.
    var problems: [ConfigurationProblem]
    /// How many configurations were looked at.
    var configurations: Int

    /// 1 when anything is wrong.
    var exitStatus: ExitStatus { problems.isEmpty ? .success : .notTrusted }

    /// One line for each problem, as compilers write them, and a summary.
    func text(for profile: TerminalProfile) -> String {
        let style: TerminalStyle = .red
        let error = style.applied(to: "error", if: profile.allowsColour)
        var lines = problems.map { "\(error): \(TerminalText.printable($0.description))" }
        if !lines.isEmpty { lines.append("") }
        let files = configurations == 1 ? "configuration" : "configurations"
        lines.append("\(configurations) \(files): \(problems.count) \(problems.count == 1 ? "error" : "errors")")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The report as indented JSON, ending in a line break.
    var json: String {
        TerminalText.document([
            "findings": .array(problems.map(Self.value)),
            "summary": [
                "configurations": .integer(Int64(configurations)), "errors": .integer(Int64(problems.count)),
                "exitStatus": .integer(Int64(exitStatus.rawValue)),
            ],
        ])
    }

    private static func value(_ problem: ConfigurationProblem) -> JSONValue {
        func number(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
        var site = InputError.Site(file: "")
        if case .file(let known) = problem.source { site = known }
        return [
            "severity": "error", "file": .string(site.file), "document": number(site.document),
            "line": number(site.line), "column": number(site.column),
            "path": site.field.map(JSONValue.string) ?? .null, "message": .string(problem.message),
        ]
    }
}
