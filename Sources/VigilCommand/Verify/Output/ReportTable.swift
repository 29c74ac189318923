import OCIModel
import TrustModel

/// A report for people: a line for each image, why those that are not trusted are not, and a summary.
struct ReportTable: Sendable {
    /// Where it goes.
    var profile: TerminalProfile
    /// Whether everything is told of every image: where it was found and each finding.
    var isVerbose: Bool
    /// Whether trusted and skipped images and the summary are left out.
    var isQuiet: Bool

    private static let columns = [
        TextTable.Column(heading: "IMAGE", leastWidth: 24),
        TextTable.Column(heading: "DIGEST"),
        TextTable.Column(heading: "VERDICT"),
        TextTable.Column(heading: "REASON"),
        TextTable.Column(heading: "SIGNER", leastWidth: 16),
    ]

    /// The text, ending in a line break; empty if there is nothing to tell.
    func text(_ report: VerificationReport) -> String {
        let shown = report.images.filter { !isQuiet || ($0.standing != .trusted && $0.standing != .skipped) }
        var lines: [String] = []
        if !shown.isEmpty {
            lines = TextTable(columns: Self.columns, rows: shown.map(row)).lines(for: profile)
        }
        if !isQuiet { lines += ["", Self.summary(report)] }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    private func row(_ image: VerifiedImage) -> TextTable.Row {
        let (verdict, style) = Self.verdict(image)
        let text = image.target.text
        return TextTable.Row(
            cells: [
                TextTable.Cell(text.isEmpty ? "(no image)" : text),
                TextTable.Cell(image.judgement.digest?.short ?? "-"),
                TextTable.Cell(verdict, style: style),
                TextTable.Cell(image.judgement.reason.rawValue),
                TextTable.Cell(image.signer ?? "-"),
            ],
            notes: notes(image)
        )
    }

    /// The sentences below a row.
    private func notes(_ image: VerifiedImage) -> [String] {
        var notes: [String] = []
        if image.standing != .trusted { notes.append(image.judgement.message) }
        notes += image.warnings.map { "warning: \($0)" }
        let sources = image.target.sources
        if isVerbose {
            if image.standing == .trusted { notes.append(image.judgement.message) }
            notes += image.judgement.findings
                .filter { $0.message != image.judgement.message }
                .map { "\($0.policy), authority \($0.authority): \($0.verdict.rawValue), \($0.reason): \($0.message)" }
            if let digest = image.judgement.digest { notes.append("digest \(digest)") }
            if let carrier = image.judgement.carrierText { notes.append(carrier) }
            notes += sources.map { "used by \($0.description)" }
        } else if image.standing != .trusted, let first = sources.first {
            let others = sources.count - 1
            notes.append("used by \(first.description)" + (others == 0 ? "" : ", and \(others) more"))
        }
        return notes
    }

    /// The word for an image's verdict; one that its policy skips has a word of its own, so that it cannot be taken for a
    /// verified one, nor for a failure.
    static func verdict(_ image: VerifiedImage) -> (word: String, style: TerminalStyle) {
        if image.standing == .skipped { return ("Skipped", .faint) }
        let verdict = image.judgement.verdict
        switch verdict {
        case .trusted: return (verdict.rawValue, .green)
        case .untrusted: return (verdict.rawValue, .red)
        case .unsupported: return (verdict.rawValue, .magenta)
        case .unknown: return (verdict.rawValue, .yellow)
        }
    }

    /// `3 images: 1 trusted, 2 unknown (1 of them because a service could not be asked)`.
    static func summary(_ report: VerificationReport) -> String {
        let counts = report.counts
        let parts = [
            (counts.trusted, "trusted"), (counts.untrusted, "untrusted"), (counts.unsupported, "unsupported"),
            (counts.unknown, "unknown"), (counts.skipped, "skipped by policy"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let total = report.images.count
        let outages = report.images.count { $0.standing == .unavailable }
        let explanation = outages == 0 ? "" : " (\(outages) of them because a service could not be asked)"
        return "\(total) \(total == 1 ? "image" : "images"): \(parts.joined(separator: ", "))\(explanation)"
    }
}
