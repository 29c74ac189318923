import Foundation
import SigningTestKit

/// Verification of envelopes in memory on one core, beside `openssl speed` for the same algorithm.
struct SignaturesLine: Sendable {
    let tools: Toolbox
    /// How long each measurement takes.
    let seconds: Int
    let rounds: Int

    /// One algorithm and format.
    struct Row: Sendable {
        let kind: TestKey.Kind
        let format: TestSignature.Format
        let bytes: Int
        /// Envelopes a second, each with a chain that was never seen.
        let envelopes: Series
        /// Envelopes a second of a signer whose chain is known.
        let known: Series
        /// Single verifications a second.
        let openssl: Series

        /// What part of the limit is reached: as many envelopes as `openssl` verifies their signatures alone.
        var ratio: Double { envelopes.median * Double(SignatureContest.operations) / openssl.median }
    }

    /// Measures both in turns.
    ///
    /// - Throws: ``DemoError`` when something could not be measured.
    func run() async throws -> String {
        BenchCommand.tell("==> making keys and envelopes")
        let contests = try OpenSSLSpeed.names.flatMap { kind, _ in
            try TestSignature.Format.allCases.map { try SignatureContest(kind, $0) }
        }
        let machine = Machine()
        var own = [[Double]](repeating: [], count: contests.count)
        var known = own
        var other: [TestKey.Kind: [Double]] = [:]
        for round in 1...rounds {
            BenchCommand.tell(
                "==> verifying \(contests.count) kinds of envelopes, and openssl speed: \(round) of \(rounds)"
            )
            for (index, contest) in contests.enumerated() {
                try Task.checkCancellation()
                own[index].append(try contest.rate(seconds: Double(seconds)))
                known[index].append(try contest.rate(seconds: Double(seconds), knowsSigner: true))
            }
            for (kind, rate) in try await openssl() { other[kind, default: []].append(rate) }
        }
        let rows = contests.indices.map { index in
            let contest = contests[index]
            return Row(
                kind: contest.kind,
                format: contest.format,
                bytes: contest.bytes,
                envelopes: Series(own[index]),
                known: Series(known[index]),
                openssl: Series(other[contest.kind] ?? [])
            )
        }
        return Self.text(rows, machine: machine)
    }

    private func openssl() async throws -> [TestKey.Kind: Double] {
        let arguments = OpenSSLSpeed.arguments(seconds: seconds)
        // It signs as long as it verifies.
        let limit = Duration.seconds(60 + 4 * seconds * OpenSSLSpeed.names.count)
        let speed = OpenSSLSpeed(try await tools.run(.openssl, arguments, limit: limit))
        for (kind, name) in OpenSSLSpeed.names where speed.rates[kind] == nil {
            throw DemoError(.unreadable, "`openssl speed` says nothing of \(name) (\(kind.rawValue)).")
        }
        return speed.rates
    }

    /// The figures of both, and what is promised.
    static func text(_ rows: [Row], machine: Machine) -> String {
        func number(_ value: Double) -> String { String(format: "%.0f", value) }
        let header = """
            Envelopes from bytes in memory, one core, on \(machine).
            Each has a signer, a CA and a root with keys of one kind: \(SignatureContest.operations) signatures to check, and \
            one where the signer's chain is known.

            """
        let openssl = "openssl speed: verify/s"
        var table = [["", "bytes", "envelopes/s", "signatures/s", openssl, "ratio", "known signer: envelopes/s"]]
        table += rows.map { row in
            [
                "\(row.kind.rawValue) \(row.format.rawValue)", String(row.bytes), number(row.envelopes.median),
                number(row.envelopes.median * Double(SignatureContest.operations)), number(row.openssl.median),
                String(format: "%.2f", row.ratio), number(row.known.median),
            ]
        }
        let budgets = rows.map { row in
            Budget(
                what: "\(row.kind.rawValue) \(row.format.rawValue), parsing included",
                measured: String(format: "%.2f × openssl", row.ratio),
                allowed: "≥ 0.50 ×",
                isMet: row.ratio >= 0.5
            )
        }
        return [header, FigureTable.text(table), Budget.table("Budget", budgets)].joined(separator: "\n")
    }
}
