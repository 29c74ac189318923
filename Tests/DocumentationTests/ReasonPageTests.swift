import TestDocuments
import Testing

/// `docs/verdicts.md` has advice for every reason of `TrustModel/Reason.swift`.
@Suite("The page of verdicts and reasons")
struct ReasonPageTests {
    /// The constants of the source, each with the verdict under whose mark it stands.
    private static func constants(in source: String) -> [String: String] {
        var verdict = ""
        var constants: [String: String] = [:]
        for line in source.split(separator: "\n") {
            if let mark = line.firstMatch(of: /\/\/ MARK: (\w+)/) { verdict = String(mark.1) }
            if let constant = line.firstMatch(of: /static let \w+ = Reason\("(\w+)"\)/) {
                constants[String(constant.1)] = verdict
            }
        }
        return constants
    }

    /// What is wrong with a page, given the source.
    private static func violations(page: MarkdownPage, source: String) -> [String] {
        let constants = constants(in: source)
        var found: [String] = []
        var described: Set<String> = []
        for row in page.rows where row.headings.first == "reason" {
            guard let name = row.cells[0].codeSpans.first else { continue }
            let place = "\(page.path):\(row.line): \(name)"
            guard let verdict = constants[name] else {
                found.append("\(place) is no reason")
                continue
            }
            if !described.insert(name).inserted { found.append("\(place) has two rows") }
            if row.headings != ["reason", "verdict", "what it means", "what to do"] {
                found.append("\(place) stands in a table of another form")
                continue
            }
            if row.cells[1].codeSpans.first != verdict { found.append("\(place) leads to \(verdict)") }
            if row.cells.count < 4 || row.cells[2].count < 10 || row.cells[3].count < 10 {
                found.append("\(place) has no advice")
            }
        }
        return found
            + Set(constants.keys).subtracting(described).sorted().map { "\(page.path): there is no advice for \($0)" }
    }

    @Test("every reason has a row that says what it means and what to do, and every row a reason")
    func thisCheckout() throws {
        let source = try Checkout.text("Sources/TrustModel/Reason.swift")
        let page = try #require(Documentation.checkout.pages["docs/verdicts.md"])
        #expect(Self.constants(in: source).count > 30)
        for violation in Self.violations(page: page, source: source) { Issue.record("\(violation)") }
    }

    @Test("a reason without a row or advice, with another verdict, and a row without a reason are found")
    func mistakes() {
        let source = """
            // MARK: Trusted
            public static let verified = Reason("Verified")
            // MARK: Unknown
            public static let noSignature = Reason("NoSignature")
            """
        func found(_ rows: String...) -> [String] {
            let table = ["| reason | verdict | what it means | what to do |", "|---|---|---|---|"] + rows
            return Self.violations(page: MarkdownPage(path: "p", text: table.joined(separator: "\n")), source: source)
        }
        let verified = "| `Verified` | `Trusted` | all is as it should be | nothing at all |"
        let unsigned = "| `NoSignature` | `Unknown` | nobody has signed it | sign the image |"
        #expect(found(verified, unsigned) == [])
        #expect(found(verified) == ["p: there is no advice for NoSignature"])
        #expect(found(verified, unsigned, unsigned) == ["p:5: NoSignature has two rows"])
        #expect(found(verified, unsigned.replacing("sign the image", with: "")) == ["p:4: NoSignature has no advice"])
        #expect(
            found(verified, unsigned.replacing("Unknown", with: "Untrusted")) == ["p:4: NoSignature leads to Unknown"]
        )
        #expect(found(verified, unsigned, unsigned.replacing("NoSignature", with: "Odd")) == ["p:5: Odd is no reason"])
    }
}
