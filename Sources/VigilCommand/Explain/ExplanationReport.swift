import JSONModel

/// The explanations of one run, as trees for people or as one document for programs.
///
/// For one image that was named itself the document is its explanation. Otherwise:
/// ```
/// pod                            namespace/name; null unless the images are those of a pod
/// bundle: {file, program, judgedAt, policies, images: []}        as of vigil verify; null unless one was judged again
/// images: [explanation]
/// exitStatus
/// ```
struct ExplanationReport: Sendable {
    let explanations: [Explanation]
    /// The pod whose images they are.
    var pod: String?
    /// What came of judging a bundle again.
    var comparison: ReplayComparison?

    /// What `vigil verify` of all the images would end with.
    var exitStatus: ExitStatus { VerificationReport(images: explanations.map(\.image)).exitStatus }

    /// The trees, ending in a line break.
    var tree: String {
        let trees = explanations.map { ExplanationTree($0).text }.joined(separator: "\n")
        guard let lines = comparison?.lines else { return trees }
        return trees + "\n" + lines.map { "\($0)\n" }.joined()
    }

    /// The document, ending in a line break.
    var json: String {
        let documents = explanations.map { ExplanationDocument($0).value }
        if pod == nil, comparison == nil, let only = documents.first, documents.count == 1 {
            return TerminalText.document(only)
        }
        return TerminalText.document([
            "pod": pod.map(JSONValue.string) ?? .null, "bundle": comparison?.value ?? .null,
            "images": .array(documents), "exitStatus": .integer(Int64(exitStatus.rawValue)),
        ])
    }
}
