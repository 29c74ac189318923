import FoundationEssentials
import JSONModel
import TrustModel
import TrustResources

/// A forecast, written as a table for people or as JSON for programs.
///
/// For programs:
/// ```
/// madeAt, until
/// verdicts: [{at, namespace, name, image, verdict, cause, signer, pods}]
/// anchors:  [{at, policy, authority, subject, sha256, images}]
/// summary:  {verdicts, lapsing, anchors}
/// ```
/// Every member is always there; what is not known is `null`. Dates are RFC 3339 in UTC, to the second.
struct ForecastReport: Sendable {
    let forecast: VerdictForecast
    let madeAt: Date
    let window: ForecastWindow

    private var until: Date { madeAt.addingTimeInterval(window.duration.seconds) }

    // MARK: - Table

    /// The table, ending in a line break.
    func table(for profile: TerminalProfile) -> String {
        let rows =
            (forecast.lapses.map { ($0.at, row($0)) } + forecast.anchors.map { ($0.at, row($0)) })
            // A stable order: verdicts before anchors of the same moment.
            .enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
        guard !rows.isEmpty else { return "\(summary)\n" }
        let table = TextTable(
            columns: [
                TextTable.Column(heading: "WHEN", leastWidth: nil), TextTable.Column(heading: "LEFT", leastWidth: nil),
                TextTable.Column(heading: "NAMESPACE", leastWidth: 8),
                TextTable.Column(heading: "WHAT", leastWidth: 24),
                TextTable.Column(heading: "WHY", leastWidth: 24),
            ],
            rows: rows
        )
        return (table.lines(for: profile) + ["", summary]).joined(separator: "\n") + "\n"
    }

    private func row(_ lapse: VerdictForecast.Lapse) -> TextTable.Row {
        let pods = lapse.pods == 1 ? "1 pod" : "\(lapse.pods) pods"
        return row(lapse.at, lapse.namespace, "\(lapse.verdict.rawValue) \(lapse.image)", "\(lapse.cause); \(pods)")
    }

    private func row(_ anchor: VerdictForecast.AnchorEnd) -> TextTable.Row {
        let images = anchor.images == 1 ? "1 running image" : "\(anchor.images) running images"
        return row(
            anchor.at,
            "",
            "anchor \(anchor.subject)",
            "the trust anchor for \(anchor.authority) of \(anchor.policy) expires; it vouches for \(images)"
        )
    }

    private func row(_ date: Date, _ namespace: String, _ what: String, _ why: String) -> TextTable.Row {
        let left = date.timeIntervalSince(madeAt)
        let style: TerminalStyle = left <= 0 ? .red : left <= 7 * 86_400 ? .yellow : .faint
        return TextTable.Row(cells: [
            TextTable.Cell(Self.text(date)), TextTable.Cell(Self.left(left), style: style),
            TextTable.Cell(namespace.isEmpty ? "-" : namespace), TextTable.Cell(what), TextTable.Cell(why),
        ])
    }

    /// Whole days, or hours below two days, or minutes below two hours; never more than there is.
    private static func left(_ seconds: TimeInterval) -> String {
        guard seconds > 0 else { return "past" }
        if seconds >= 2 * 86_400 { return "\(Int(min(seconds, 1e12) / 86_400))d" }
        return seconds >= 7_200 ? "\(Int(seconds / 3_600))h" : "\(Int(seconds / 60))m"
    }

    private var summary: String {
        let (lapses, anchors) = (forecast.lapses.count, forecast.anchors.count)
        let verdicts = "\(lapses) of \(forecast.verdicts) \(forecast.verdicts == 1 ? "verdict" : "verdicts")"
        return
            "until \(Self.text(until)): \(verdicts) will lapse, \(anchors) trust \(anchors == 1 ? "anchor" : "anchors") will expire"
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    // MARK: - JSON

    /// The document, ending in a line break.
    var json: String { TerminalText.document(value) }

    private var value: JSONValue {
        [
            "madeAt": .string(Self.text(madeAt)), "until": .string(Self.text(until)),
            "verdicts": .array(
                forecast.lapses.map {
                    [
                        "at": .string(Self.text($0.at)), "namespace": .string($0.namespace), "name": .string($0.name),
                        "image": .string($0.image), "verdict": .string($0.verdict.rawValue),
                        "cause": .string($0.cause), "signer": $0.signer.map(JSONValue.string) ?? .null,
                        "pods": .integer(Int64($0.pods)),
                    ]
                }
            ),
            "anchors": .array(
                forecast.anchors.map {
                    [
                        "at": .string(Self.text($0.at)), "policy": .string($0.policy),
                        "authority": .string($0.authority), "subject": .string($0.subject),
                        "sha256": .string($0.sha256), "images": .integer(Int64($0.images)),
                    ]
                }
            ),
            "summary": [
                "verdicts": .integer(Int64(forecast.verdicts)), "lapsing": .integer(Int64(forecast.lapses.count)),
                "anchors": .integer(Int64(forecast.anchors.count)),
            ],
        ]
    }
}
