import JSONModel

/// All compared cases, as a table for people and as a document for programs.
struct DifferentialReport: Sendable {
    let cases: [ComparedCase]
    /// Whether every case was run, so that a rule that none exercises is one too many.
    let isComplete: Bool
    let notationVersion: String
    let seed: UInt64
    let elapsed: String

    /// The cases that the programs judge differently.
    var different: [ComparedCase] {
        cases.filter { if case .different = $0.result { true } else { false } }
    }

    /// How many cases exercise each rule of the list.
    var rules: [StricterRule: Int] {
        cases.reduce(into: [:]) { if case .stricter(let rule) = $1.result { $0[rule, default: 0] += 1 } }
    }

    /// Rules of the list that no case exercises.
    var unexercised: [StricterRule] { isComplete ? StricterRule.allCases.filter { rules[$0] == nil } : [] }

    /// Whether nothing is different and every rule is exercised.
    var isGood: Bool { different.isEmpty && unexercised.isEmpty }

    var agreed: Int { cases.filter { $0.result == .agree }.count }

    // MARK: For people

    /// One line for each axis, one for each rule, and every difference in full.
    var text: String {
        var sections = [FigureTable.text(axisRows), FigureTable.text(ruleRows)]
        sections += different.map(Self.paragraph)
        sections += unexercised.map { "DIFFERENT  the rule \($0.rawValue) is exercised by no case any more\n" }
        sections.append(summary + "\n")
        return sections.joined(separator: "\n")
    }

    /// The totals, in one line.
    var summary: String {
        let stricter = cases.count - agreed - different.count
        return "\(cases.count) cases: \(agreed) agree, \(stricter) stricter by design, "
            + "\(different.count + unexercised.count) DIFFERENT "
            + "(notation \(notationVersion), seed \(seed), \(elapsed))"
    }

    private var axisRows: [[String]] {
        var order: [String] = []
        var counts: [String: (agree: Int, stricter: Int, different: Int)] = [:]
        for compared in cases {
            let axis = Self.axis(compared.name)
            if counts[axis] == nil { order.append(axis) }
            var count = counts[axis] ?? (0, 0, 0)
            switch compared.result {
            case .agree: count.agree += 1
            case .stricter: count.stricter += 1
            case .different: count.different += 1
            }
            counts[axis] = count
        }
        return [["cases", "agree", "stricter", "DIFFERENT"]]
            + order.map { axis in
                let count = counts[axis] ?? (0, 0, 0)
                return [axis, String(count.agree), String(count.stricter), String(count.different)]
            }
    }

    private var ruleRows: [[String]] {
        [["stricter by design", "cases"]]
            + StricterRule.allCases.compactMap { rule in rules[rule].map { [rule.rawValue, String($0)] } }
    }

    /// The first two parts of a name.
    private static func axis(_ name: String) -> String {
        let parts = name.split(separator: "/")
        return parts.prefix(parts.count > 2 ? 2 : 1).joined(separator: "/")
    }

    private static func paragraph(_ compared: ComparedCase) -> String {
        guard case .different(let why) = compared.result else { return "" }
        let lines =
            [
                "DIFFERENT  \(compared.name): \(why)", "  expected  \(words(compared.expected))",
                "  notation  \(words(compared.notation)): \(compared.notationMessage)",
                "  vigil     \(words(compared.vigil)): \(compared.vigilMessage)",
            ] + compared.commandLines.map { "  $ \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    static func words(_ expected: Expected) -> String {
        switch expected {
        case .accepted(let logged): words(Judgement.accepted(logged: logged))
        case .skipped: words(Judgement.skipped)
        case .refused(let reason, let other):
            "refused, \(reason)" + (other.map { " (notation: \($0))" } ?? "")
        case .stricter(let rule, let reason): "refused by vigil alone, \(reason), by \(rule.rawValue)"
        }
    }

    static func words(_ judgement: Judgement) -> String {
        switch judgement {
        case .accepted(let logged):
            "accepted" + (logged.isEmpty ? "" : ", logged: " + logged.sorted().joined(separator: ", "))
        case .skipped: "skipped"
        case .refused(let reason): "refused, \(reason.map(\.rawValue) ?? "for a reason that is not told")"
        case .failed: "failed"
        }
    }

    // MARK: For documents

    private static func word(_ result: ComparisonResult) -> String {
        switch result {
        case .agree: "agree"
        case .stricter(let rule): "stricter: \(rule.rawValue)"
        case .different: "DIFFERENT"
        }
    }

    /// Every case as a row.
    var markdown: String {
        func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }
        var lines = [
            "# vigil verify beside notation verify", "", summary + ".", "", "| case | notation | vigil | result |",
            "|---|---|---|---|",
        ]
        lines += cases.map {
            "| \(cell($0.name)) | \(cell(Self.words($0.notation))) | \(cell(Self.words($0.vigil))) "
                + "| \(Self.word($0.result)) |"
        }
        lines += ["", "| stricter by design | rule | source | cases |", "|---|---|---|---|"]
        lines += StricterRule.allCases.map {
            "| \($0.rawValue) | \(cell($0.rule)) | \(cell($0.source)) | \(rules[$0] ?? 0) |"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same for programs.
    var json: JSONValue {
        [
            "notation": .string(notationVersion), "seed": .string(String(seed)), "isGood": .bool(isGood),
            "cases": .array(
                cases.map {
                    [
                        "name": .string($0.name), "result": .string(Self.word($0.result)),
                        "expected": .string(Self.words($0.expected)),
                        "notation": [
                            "judgement": .string(Self.words($0.notation)), "message": .string($0.notationMessage),
                        ],
                        "vigil": ["judgement": .string(Self.words($0.vigil)), "message": .string($0.vigilMessage)],
                    ]
                }
            ),
            "unexercised": .array(unexercised.map { .string($0.rawValue) }),
        ]
    }
}
