import Testing

@testable import playground

@Suite("The comparison of two programs")
struct ComparisonTests {
    private func compare(_ expected: Expected, _ notation: Judgement, _ vigil: Judgement) -> ComparisonResult {
        ComparisonResult(expected: expected, notation: notation, vigil: vigil)
    }

    private func isDifferent(_ expected: Expected, _ notation: Judgement, _ vigil: Judgement) -> Bool {
        if case .different = compare(expected, notation, vigil) { true } else { false }
    }

    private let good = Judgement.accepted(logged: [])

    @Test("Both accept what should be accepted, and log the same failures")
    func accepted() {
        #expect(compare(.accepted(), good, good) == .agree)
        let logged = Judgement.accepted(logged: ["expiry"])
        #expect(compare(.accepted(logged: ["expiry"]), logged, logged) == .agree)
        #expect(isDifferent(.accepted(logged: ["expiry"]), logged, good))
        #expect(isDifferent(.accepted(logged: ["expiry"]), good, logged))
        #expect(isDifferent(.accepted(), logged, logged))
        #expect(isDifferent(.accepted(), good, .skipped))
        #expect(compare(.skipped, .skipped, .skipped) == .agree)
        #expect(isDifferent(.skipped, .skipped, good))
        #expect(isDifferent(.accepted(), .refused(.integrity), .refused(.integrity)))
        #expect(isDifferent(.accepted(), good, .refused(.integrity)))
    }

    @Test("Both refuse for a fitting reason, as far as notation tells it")
    func refused() {
        #expect(compare(.refused(.expiry), .refused(.expiry), .refused(.expiry)) == .agree)
        #expect(compare(.refused(.expiry), .refused(nil), .refused(.expiry)) == .agree)
        #expect(isDifferent(.refused(.expiry), .refused(.time), .refused(.expiry)))
        #expect(isDifferent(.refused(.expiry), .refused(.expiry), .refused(.time)))
        let other = Expected.refused(.configuration, notation: .authenticity)
        #expect(compare(other, .refused(.authenticity), .refused(.configuration)) == .agree)
        #expect(isDifferent(other, .refused(.configuration), .refused(.configuration)))
        #expect(isDifferent(.refused(.expiry), good, good))
        #expect(isDifferent(.refused(.expiry), good, .refused(.expiry)))
    }

    @Test(
        "Vigil accepting what notation refuses is different, whatever was expected",
        arguments: [
            Expected.accepted(), .skipped, .refused(.integrity), .stricter(.base64Form),
            .refused(.time, notation: .plugin),
        ]
    )
    func lenient(expected: Expected) {
        #expect(compare(expected, .refused(.integrity), good) == .different("vigil accepts what notation refuses"))
        #expect(isDifferent(expected, .refused(nil), .skipped))
    }

    @Test("A rule that is stricter no more, or that Vigil does not follow, is different")
    func stricter() {
        let expected = Expected.stricter(.base64Form)
        #expect(compare(expected, good, .refused(.integrity)) == .stricter(.base64Form))
        #expect(isDifferent(expected, .refused(.integrity), .refused(.integrity)))
        #expect(isDifferent(expected, good, good))
        #expect(isDifferent(expected, good, .refused(.expiry)))
    }

    @Test("A program that does not judge is different, even when both should refuse")
    func failed() {
        #expect(isDifferent(.refused(.integrity), .failed, .refused(.integrity)))
        #expect(isDifferent(.refused(.integrity), .refused(.integrity), .failed))
    }

    @Test("A rule that no case exercises fails a complete run, and no partial one")
    func unexercised() {
        func report(isComplete: Bool) -> DifferentialReport {
            DifferentialReport(
                cases: StricterRule.allCases.dropLast().map {
                    ComparedCase(
                        name: "a/b/\($0)",
                        expected: .stricter($0),
                        notation: good,
                        vigil: .refused(.integrity),
                        notationMessage: "",
                        vigilMessage: "",
                        commandLines: [],
                        result: .stricter($0)
                    )
                },
                isComplete: isComplete,
                notationVersion: "1",
                seed: 1,
                elapsed: "0 s"
            )
        }
        #expect(report(isComplete: false).isGood)
        let complete = report(isComplete: true)
        #expect(!complete.isGood && complete.unexercised == StricterRule.allCases.suffix(1))
        #expect(complete.summary.contains("1 DIFFERENT"))
    }
}
