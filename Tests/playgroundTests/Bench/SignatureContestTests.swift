import SigningTestKit
import Testing

@testable import playground

@Suite("Envelopes in memory, measured")
struct SignatureContestTests {
    @Test("an envelope of each format is verified again and again", arguments: TestSignature.Format.allCases)
    func rates(format: TestSignature.Format) throws {
        let contest = try SignatureContest(.p256, format)
        #expect(contest.bytes > 1000)
        #expect(try contest.rate(seconds: 0.001) > 0)
        #expect(try contest.rate(seconds: 0.001, knowsSigner: true) > 0)
    }

    @Test("the ratio counts every signature of the chain, and half of the limit is promised")
    func ratio() {
        func row(_ envelopes: Double) -> SignaturesLine.Row {
            SignaturesLine.Row(
                kind: .p384,
                format: .cose,
                bytes: 1500,
                envelopes: Series([envelopes]),
                known: Series([4 * envelopes]),
                openssl: Series([1000])
            )
        }
        #expect(row(125).ratio == 0.5)
        let text = SignaturesLine.text([row(125), row(124)], machine: Machine())
        let rows = text.split(separator: "\n").filter { $0.contains("parsing included") }
        #expect(rows.count == 2 && rows[0].hasSuffix(" met") && rows[1].hasSuffix("NOT MET"))
    }
}
