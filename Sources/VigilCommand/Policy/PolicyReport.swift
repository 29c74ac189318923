import JSONModel

/// What a check found, for people and for programs.
///
/// For programs:
/// ```
/// findings: [{severity, rule, policy, file, document, line, column, path, message}]
/// summary: {policies, errors, warnings, exitStatus}
/// ```
/// Every member is always there; what is not known is `null`. `severity` is `error` or `warning`.
struct PolicyReport: Sendable {
    /// What was found.
    var remarks: [PolicyRemark]
    /// How many policies and statements were looked at.
    var policies: Int
    /// Whether warnings count for the exit status.
    var countsWarnings: Bool

    private var errors: Int { remarks.count { $0.severity == .error } }
    private var warnings: Int { remarks.count { $0.severity == .warning } }

    /// 1 when there is an error, or a warning that counts.
    var exitStatus: ExitStatus { errors > 0 || (countsWarnings && warnings > 0) ? .notTrusted : .success }

    // MARK: - Text

    /// One line for each finding, as compilers write them, and a summary.
    func text(for profile: TerminalProfile) -> String {
        var lines = remarks.map { line($0, profile) }
        if !lines.isEmpty { lines.append("") }
        lines.append(
            "\(Self.count(policies, "policy", "policies")): \(Self.count(errors, "error", "errors")), "
                + Self.count(warnings, "warning", "warnings")
        )
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ remark: PolicyRemark, _ profile: TerminalProfile) -> String {
        let site = remark.site
        var place = site.file
        if let line = site.line {
            place += ":\(line)"
            if let column = site.column { place += ":\(column)" }
        }
        let style: TerminalStyle = remark.severity == .error ? .red : .yellow
        let severity = style.applied(to: remark.severity.rawValue, if: profile.allowsColour)
        let field = (site.field ?? "").isEmpty ? "" : "\(site.field ?? ""): "
        let message = TerminalText.printable("\(field)\(remark.message) [\(remark.rule)]")
        return "\(TerminalText.printable(place)): \(severity): \(message)"
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    // MARK: - JSON

    /// The report as indented JSON, ending in a line break.
    var json: String { TerminalText.document(value) }

    private var value: JSONValue {
        [
            "findings": .array(remarks.map(Self.value)),
            "summary": [
                "policies": .integer(Int64(policies)), "errors": .integer(Int64(errors)),
                "warnings": .integer(Int64(warnings)), "exitStatus": .integer(Int64(exitStatus.rawValue)),
            ],
        ]
    }

    private static func value(_ remark: PolicyRemark) -> JSONValue {
        func number(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
        return [
            "severity": .string(remark.severity.rawValue), "rule": .string(remark.rule),
            "policy": remark.policy.map(JSONValue.string) ?? .null, "file": .string(remark.site.file),
            "document": number(remark.site.document), "line": number(remark.site.line),
            "column": number(remark.site.column), "path": remark.site.field.map(JSONValue.string) ?? .null,
            "message": .string(remark.message),
        ]
    }
}
