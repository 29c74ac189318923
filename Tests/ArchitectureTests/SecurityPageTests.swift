import Testing

@Suite("The security page names what exists")
struct SecurityPageTests {
    private static let files = [
        "Tests/ThingTests/Deep/ParserTests.swift": """
        @Suite(.timeLimit(.minutes(1))) struct ParserTests {
            @Test("a twin")
            func twice() {}

            @Test(
                "every kind",
                arguments: [{ 1 }, { 2 }]
            )
            func kinds(_ kind: () -> Int) async throws {
                func inner() {}
            }

            func helper() {}
            // @Test func commented() {}
            @Test func short() {}
        }

        private struct Support {
            func twice() {}
        }

        extension ParserTests {
            @Test("elsewhere") func more() {}
        }
        """,
        "Sources/Thing/Limits.swift": "enum Limits { static let thingBytes = 1 }",
    ]

    private static let page = """
        | mistake | tests |
        |---|---|
        | twice | `ThingTests.ParserTests/twice`, `ThingTests.ParserTests/kinds` |
        | short | shown by `ThingTests.ParserTests/short` and `ThingTests.ParserTests/more` |

        | of | value | constant | set in |
        |---|---|---|---|
        | a thing | 1 | `thingBytes` | `Sources/Thing/Limits.swift` |
        """

    private func violations(replacing old: String = "", with new: String = "") -> [String] {
        let page = old.isEmpty ? Self.page : Self.page.replacing(old, with: new)
        return SecurityPage(
            tree: SourceTree(files: Self.files, manifest: "", pages: ["docs/security.md": page])
        ).violations()
    }

    @Test("docs/security.md names tests and limits that exist")
    func thisCheckout() throws {
        for violation in try SecurityPage(tree: .thisCheckout()).violations() { Issue.record("\(violation)") }
    }

    @Test("a page in order passes")
    func goodPage() {
        #expect(violations() == [])
    }

    @Test(
        "a test that does not exist is named with its line",
        arguments: [
            "ThingTests.ParserTests/thrice", "ThingTests.ParserTest/twice", "ThingTests.Support/twice",
            "ThingTests.ParserTests/helper", "ThingTests.ParserTests/commented", "ThingTests.ParserTests/inner",
        ]
    )
    func wrongName(name: String) {
        let found = violations(replacing: "ThingTests.ParserTests/twice", with: name)
        #expect(found == ["docs/security.md:3: \(name): Tests/ThingTests holds no such test"])
    }

    @Test("a target without tests, a name of another form and a row without a test are refused")
    func otherForms() {
        let name = "ThingTests.ParserTests/twice"
        #expect(
            violations(replacing: name, with: "NoTests.ParserTests/twice")
                == ["docs/security.md:3: NoTests.ParserTests/twice: Tests/NoTests holds no test"]
        )
        for text in ["twice", "ParserTests/twice", "ThingTests.ParserTests.twice", "ThingTests.A/B/c"] {
            let found = violations(replacing: name, with: text)
            #expect(found.count == 1 && found.first?.hasPrefix("docs/security.md:3: \(text)") == true, "\(found)")
        }
        #expect(
            violations(replacing: "`\(name)`, `ThingTests.ParserTests/kinds`", with: "surely")
                == ["docs/security.md:3: names no test"]
        )
    }

    @Test("a limit that is set elsewhere, or nowhere, is named")
    func limits() {
        #expect(
            violations(replacing: "Limits.swift", with: "Bounds.swift")
                == ["docs/security.md:8: there is no Sources/Thing/Bounds.swift"]
        )
        #expect(
            violations(replacing: "thingBytes", with: "thing")
                == ["docs/security.md:8: Sources/Thing/Limits.swift holds no thing"]
        )
    }

    @Test("a page without its tables, and no page at all, do not pass")
    func missing() {
        #expect(violations(replacing: "|", with: "").count == 2)
        #expect(
            SecurityPage(tree: SourceTree(files: Self.files, manifest: "")).violations()
                == ["docs/security.md: there is no such page"]
        )
    }
}
