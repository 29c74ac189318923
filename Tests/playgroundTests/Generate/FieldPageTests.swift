import TestDocuments
import Testing

@testable import playground

/// The pages of the kinds say what the schemas say.
@Suite("Pages of the kinds")
struct FieldPageTests {
    @Test("each page of docs is as make generate writes it")
    func checkout() throws {
        #expect(FieldPage.all.count == 3)
        for page in FieldPage.all {
            let text = try Checkout.text(page.path)
            let isCurrent = try page.replacingFields(in: text) == text
            #expect(isCurrent, "\(page.path): make generate")
        }
    }

    @Test("fields have type, default, bounds and meaning; what is required says so; lists and rules are shown")
    func section() throws {
        let page = try #require(FieldPage.all.first { $0.path == "docs/trustpolicy.md" })
        let section = page.section
        for row in [
            "| `spec.interval` | text | `60s` | How often each image is judged again",
            "| `spec.authorities` | list of objects | required | The sources of trust. 1 to 16 entries. |",
            "| `spec.authorities[].notary.trustStores[].type` | word | required | ",
            "| `spec.decisions[].expires` | time | – | When the decision ends.",
            "| `status.images.trusted` | number | required | Every policy is satisfied.",
            "- `spec.authorities[].notary`: level skip verifies nothing",
            "| `EXPIRES` | When the first trusted certificate expires. | `status.expires` |",
        ] { #expect(section.contains(row), "\(row)") }
        #expect(section.contains(#"a prefix ending in /\* (every repository"#), "asterisks are no emphasis")
        #expect(!section.contains("Default:"), "it has a column of its own")
    }

    @Test("a page that was changed by hand is found, and one without marks is an error")
    func stale() throws {
        let page = FieldPage.all[0]
        let fresh = try page.replacingFields(in: "# A\n\n\(FieldPage.begin)\n\(FieldPage.end)\n\nmore\n")
        #expect(
            fresh.hasPrefix("# A\n\n\(FieldPage.begin)\n\n### spec") && fresh.hasSuffix("\(FieldPage.end)\n\nmore\n")
        )
        #expect(try page.replacingFields(in: fresh) == fresh)
        let changed = fresh.replacing("required", with: "optional")
        let mended = try page.replacingFields(in: changed)
        #expect(changed != fresh && mended == fresh)
        #expect(throws: FieldPage.Unmarked.self) { try page.replacingFields(in: "# A\n") }
    }
}
