import FoundationEssentials
import ImageTrust
import JSONModel
import TrustModel

/// What came of judging a bundle again, beside what it says of itself.
struct ReplayComparison: Sendable {
    /// One image.
    struct Entry: Sendable {
        var image: String
        var recorded: EvidenceBundle.RecordedVerdict
        var verdict: Verdict
        var reason: Reason

        /// Whether the bundle says the same of itself.
        var isSame: Bool { recorded.verdict == verdict && recorded.reason == reason }
    }

    let file: String
    let program: String
    let judgedAt: Date
    let usesOwnPolicies: Bool
    let entries: [Entry]

    init(_ replay: BundleReplay, _ report: VerificationReport) {
        file = replay.file
        program = replay.bundle.program
        judgedAt = replay.bundle.judgedAt
        usesOwnPolicies = replay.usesOwnPolicies
        entries = zip(replay.bundle.images, report.images).map { image, judged in
            Entry(
                image: image.text,
                recorded: image.recorded,
                verdict: judged.judgement.verdict,
                reason: judged.judgement.reason
            )
        }
    }

    /// The sentences for people, each a line.
    var lines: [String] {
        var lines = [
            "\(file), made by \(program), was judged again as of \(judgedAt.formatted(.iso8601)), the time it records, by what it "
                + "holds; nobody was asked",
            usesOwnPolicies
                ? "by the policies given here, not by those in the bundle"
                : "by the policies in the bundle, which whoever made it chose; --policy or --notation-config judges by your own",
        ]
        lines += entries.map { entry in
            let recorded = "\(entry.recorded.verdict.rawValue), \(entry.recorded.reason)"
            return entry.isSame
                ? "\(entry.image): the same verdict was recorded, \(recorded)"
                : "\(entry.image): ANOTHER verdict was recorded, \(recorded); now it is \(entry.verdict.rawValue), \(entry.reason)"
        }
        return lines.map { TerminalText.printable($0) }
    }

    /// The same for programs.
    var value: JSONValue {
        [
            "file": .string(file), "program": .string(program), "judgedAt": .string(judgedAt.formatted(.iso8601)),
            "policies": usesOwnPolicies ? "own" : "bundle",
            "images": .array(
                entries.map {
                    [
                        "image": .string($0.image), "recordedVerdict": .string($0.recorded.verdict.rawValue),
                        "recordedReason": .string($0.recorded.reason.rawValue), "same": .bool($0.isSame),
                    ]
                }
            ),
        ]
    }
}
