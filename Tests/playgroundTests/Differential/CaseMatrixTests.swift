import Foundation
import OCIModel
import SigningTestKit
import Testing

@testable import playground

@Suite("The matrix of cases")
struct CaseMatrixTests {
    @Test("has a few hundred cases with unique names that are names of folders too")
    func names() {
        let names = CaseMatrix.all.map(\.name)
        #expect(names.count >= 300)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-/".contains($0)) }, "\(name)")
        }
    }

    @Test("exercises every rule that Vigil is stricter by, each of which names its source")
    func rules() {
        let exercised = CaseMatrix.all.compactMap { if case .stricter(let rule, _) = $0.expected { rule } else { nil } }
        #expect(Set(exercised) == Set(StricterRule.allCases))
        for rule in StricterRule.allCases {
            #expect(rule.source.contains("RFC") || rule.source.contains("specification"), "\(rule)")
        }
    }

    @Test("and docs/differential.md lists exactly these rules, word for word")
    func documented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = String(decoding: try Data(contentsOf: root.appending(path: "docs/differential.md")), as: UTF8.self)
        let section = try #require(text.split(separator: "## ").first { $0.hasPrefix("Stricter by design") })
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows == StricterRule.allCases.map { "| `\($0.rawValue)` | \($0.rule) | \($0.source) |" })
    }

    @Test("has a sample that is small, and refused for every class of reasons")
    func sample() {
        let sample = CaseMatrix.sample
        #expect((20...100).contains(sample.count))
        let reasons = sample.compactMap { if case .refused(let reason, _) = $0.expected { reason } else { nil } }
        #expect(
            Set(reasons).isSuperset(of: [
                .integrity, .authenticity, .expiry, .time, .plugin, .absence, .uncovered, .revoked,
                .revocationUnknown,
            ])
        )
        #expect(sample.contains { if case .notation = $0.signatures.first { true } else { false } })
    }

    @Test("A flaw changes its envelope", arguments: TestSignature.Format.allCases)
    func flaws(format: TestSignature.Format) throws {
        let subject = Descriptor(of: Array("{}".utf8), mediaType: .ociManifest)
        // Its signatures are always the same, so that envelopes can be compared.
        let chain = try ChainRecipe(key: .ed25519).make()
        let all =
            EnvelopeFlaw.ofSignatures + EnvelopeFlaw.ofHeaders + EnvelopeFlaw.ofPayloads + EnvelopeFlaw.ofJWS
            + EnvelopeFlaw.ofCOSE
        // Those that are about other kinds of keys.
        let others = [
            "ecdsa-signature-in-der", "rsa-signature-with-pkcs1", "algorithm-eddsa", "chain-in-base64url",
            "pss-salt-of-20-bytes", "pss-salt-of-20-bytes-rsa4096",
        ]
        for flaw in all where flaw.formats.contains(format) && !others.contains(flaw.name) {
            let usual = EnvelopeRecipe(format: format, scheme: flaw.schemes[0])
            let flawed = EnvelopeRecipe(format: format, scheme: flaw.schemes[0], flaw: flaw)
            let isChanged = try flawed.make(about: subject, chain: chain) != usual.make(about: subject, chain: chain)
            #expect(isChanged, "\(flaw.name)")
        }
    }
}
