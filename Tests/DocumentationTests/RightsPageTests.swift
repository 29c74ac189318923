import JSONModel
import TestDocuments
import Testing

/// `docs/rbac.md` lists what `config` grants, rule by rule.
@Suite("The page of rights")
struct RightsPageTests {
    /// The manifests whose rules have rows, and the heading under which people find them.
    private static let files = [
        "config/rbac/role.yaml", "config/rbac/leader_election_role.yaml", "config/rbac/secrets_reader.yaml",
        "config/rbac/viewer_role.yaml", "config/rbac/editor_role.yaml", "config/rbac/admin_role.yaml",
        "config/namespaced/role.yaml", "config/namespaced/leader_election_role.yaml",
        "config/components/endpoint-access/role.yaml", "config/components/endpoint-access/metrics_reader_role.yaml",
        "config/components/endpoint-access/results_reader_role.yaml", "config/components/policy-reports/role.yaml",
        "config/components/policy-reports-namespaced/role.yaml",
    ]

    /// One rule of a file as its row says it: file, group, resources or paths, names, verbs.
    private static func rows(of text: String, file: String) throws -> [[String]] {
        func list(_ value: JSONValue?) -> String {
            let words = (value?.array ?? []).compactMap(\.string)
            return words.isEmpty ? "–" : words.map { "`\($0.isEmpty ? "core" : $0)`" }.joined(separator: ", ")
        }
        return try YAMLText.documents(text).flatMap { object in
            (object["rules"]?.array ?? []).map { rule in
                [
                    "`\(file)`", list(rule["apiGroups"]), list(rule["resources"] ?? rule["nonResourceURLs"]),
                    list(rule["resourceNames"]),
                    list(rule["verbs"]),
                ]
            }
        }
    }

    /// The rows of a page, without what each rule is for.
    private static func rows(of page: MarkdownPage) -> [(rule: [String], why: String)] {
        page.rows.filter { $0.headings == ["file", "group", "resources", "names", "verbs", "why"] }.map {
            (Array($0.cells.prefix(5)), $0.cells.count > 5 ? $0.cells[5] : "")
        }
    }

    @Test("every rule of config has a row that says why, and every row a rule")
    func thisCheckout() throws {
        let page = try #require(Documentation.checkout.pages["docs/rbac.md"])
        let written = Self.rows(of: page)
        let granted = try Self.files.flatMap { try Self.rows(of: Checkout.text($0), file: $0) }
        #expect(
            Set(granted).subtracting(written.map(\.rule)).map { $0.joined(separator: " | ") }.sorted() == [],
            "no row"
        )
        #expect(
            Set(written.map(\.rule)).subtracting(granted).map { $0.joined(separator: " | ") }.sorted() == [],
            "no rule"
        )
        for row in written where row.why.count < 20 { Issue.record("\(row.rule): says not why") }
    }

    @Test("no file with rules is left out")
    func files() throws {
        let components = try Checkout.names(in: "config/components", suffix: "").map { "config/components/\($0)" }
        try #require(components.count >= 4)
        for folder in ["config/rbac", "config/namespaced"] + components {
            for name in try Checkout.names(in: folder, suffix: ".yaml") {
                let path = "\(folder)/\(name)"
                let isListed = Self.files.contains(path)
                #expect(try Self.rows(of: Checkout.text(path), file: path).isEmpty == !isListed, "\(path)")
            }
        }
    }

    @Test("a verb more or less is another rule")
    func comparison() throws {
        let text = "rules: [{apiGroups: [\"\"], resources: [pods], verbs: [list, watch]}]"
        let row = try Self.rows(of: text, file: "f")
        #expect(row == [["`f`", "`core`", "`pods`", "–", "`list`, `watch`"]])
        #expect(try Self.rows(of: text.replacing("list, ", with: ""), file: "f") != row)
    }
}
