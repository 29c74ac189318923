import Testing

/// Shows that the checks can fail: each test feeds them a made-up checkout with one thing wrong.
@Suite("The architecture checks find what they are for")
struct ArchitectureCheckTests {
    private static let table = LayeringTable(
        rows: [
            .init("Values", .values),
            .init("Rules", .judgement, ["Values"]),
            .init("Network", .outwardIO, ["Values"]),
            .init("Endpoints", .delivery, ["Values", "Rules"]),
            .init("program", .composition, ["Values", "Rules", "Network", "Endpoints"]),
            .init("FakeCluster", .standIn, ["Values"]),
        ],
        exclusiveModules: ["HTTPLibrary": ["Network"]],
        pureModules: ["FoundationEssentials", "Crypto"],
        shippedProgram: "program"
    )

    private static let files = [
        "Sources/Values/Name.swift": "import FoundationEssentials\npublic import Crypto\n",
        "Sources/Rules/Rule.swift": "public import Values\n",
        "Sources/Network/Client.swift": "internal import HTTPLibrary\npublic import struct Values.Name\n",
        "Sources/program/main.swift": "import Network\nimport Rules\n",
        "Sources/FakeCluster/Store.swift": "import Values\n",
        "Tests/RulesTests/RuleTests.swift": "import Testing\n@testable import Rules\nimport FakeCluster\n",
    ]

    private static let targets = [
        #".target(name: "Values", dependencies: [.product(name: "Crypto", package: "crypto")])"#,
        #".target(name: "Rules", dependencies: ["Values"])"#,
        #".target(name: "Network", dependencies: ["Values", http])"#,
        #".executableTarget(name: "program", dependencies: ["Rules", .target(name: "Network")])"#,
        #".target(name: "FakeCluster", dependencies: ["Values"])"#,
        #".testTarget(name: "RulesTests", dependencies: ["Rules", "FakeCluster"], exclude: ["Fixtures"])"#,
    ]

    private static func manifest(_ targets: [String]) -> String {
        """
        // .target(name: "Ghost") in a comment declares nothing
        let http: Target.Dependency = .product(name: "HTTPLibrary", package: "http")
        let package = Package(
            name: "sample",
            dependencies: [.package(url: "https://example.invalid/crypto", from: "1.0.0")],
            targets: [\(targets.joined(separator: ",\n"))]
        )
        """
    }

    /// Checks the good checkout after `change`; the last argument replaces one target's line.
    private func violations(
        adding changes: [String: String] = [:],
        replacing line: (old: Int, new: String)? = nil,
        table: LayeringTable = Self.table
    ) throws -> [String] {
        var targets = Self.targets
        if let line { targets[line.old] = line.new }
        let tree = SourceTree(
            files: Self.files.merging(changes) { _, new in new },
            manifest: Self.manifest(targets)
        )
        return try ArchitectureCheck(table: table, tree: tree).allViolations()
    }

    @Test("a checkout in order passes, also while a target of the table does not exist")
    func goodCheckout() throws {
        #expect(try violations() == [])
    }

    @Test("an import that is not in the table is named with its file and line")
    func forbiddenImport() throws {
        let found = try violations(
            adding: ["Sources/Rules/Ask.swift": "\n@preconcurrency import Network\n"],
            replacing: (1, #".target(name: "Rules", dependencies: ["Values", "Network"])"#)
        )
        #expect(found.contains("Sources/Rules/Ask.swift:2: Rules may not import Network"))
        #expect(found.contains("Package.swift: Rules declares Network, which it may not import"))
    }

    @Test(
        "an import hidden behind a condition, a kind or a second statement on the line is found",
        arguments: [
            "#if os(Linux)\nimport Network\n#endif", "import struct Network.Client", "import Values; import Network",
            "/* why */ import Network", "@testable\timport Network",
        ]
    )
    func hiddenImport(text: String) throws {
        let found = try violations(adding: ["Sources/Rules/Deep/Er.swift": text])
        #expect(found.contains { $0.hasSuffix("Rules may not import Network") })
    }

    @Test(
        "a comment is not an import",
        arguments: ["// import Network", "/* \nimport Network\n*/", "/// import Network"]
    )
    func comment(text: String) throws {
        #expect(try violations(adding: ["Sources/Rules/Note.swift": text]) == [])
    }

    @Test(
        "what a string says is not an import",
        arguments: [
            "let text = \"import Network\"", "let text = \"x; import Network; y\"",
            "let text = \"\"\"\n    import Network\n    \"\"\"",
        ]
    )
    func importInString(text: String) throws {
        #expect(try violations(adding: ["Sources/Rules/Text.swift": text]) == [])
    }

    @Test(
        "a string that is hard to read hides nothing",
        arguments: [
            #"let text = "\"""#, ##"let text = #"\"#"##, #"let text = "\(name("x"))""#, "let quote = /\"/",
            "let text = \"\"\"\n    say \"\\\"\"\"\\\n    \"\"\"",
        ]
    )
    func hardString(text: String) throws {
        let found = try violations(adding: ["Sources/Rules/Odd.swift": "\(text)\nimport Network\n"])
        #expect(found.contains { $0.hasSuffix("Rules may not import Network") })
    }

    @Test("a string that looks like a comment hides nothing")
    func commentInString() throws {
        let text = "let url = \"a//b /*\"\nimport Network\n"
        let found = try violations(adding: ["Sources/Rules/Odd.swift": text])
        #expect(found.contains("Sources/Rules/Odd.swift:2: Rules may not import Network"))
    }

    @Test("a folder without a row fails")
    func folderWithoutRow() throws {
        let found = try violations(adding: ["Sources/Utils/Things.swift": ""])
        #expect(found.contains("Sources/Utils: no row in the layering table; say there what it may import"))
        #expect(found.contains("Sources/Utils: Package.swift declares no target of this name"))
    }

    @Test("a target or test target without a folder, and a test folder without a target, fail")
    func folderAndTargetDiffer() throws {
        let renamed = (4, #".target(name: "Endpoints", dependencies: ["Values"])"#)
        let found = try violations(adding: ["Tests/ValuesTests/NameTests.swift": ""], replacing: renamed)
        #expect(found.contains("Package.swift: the target Endpoints has no Swift file in Sources/Endpoints"))
        #expect(found.contains { $0.hasPrefix("Tests/ValuesTests: Package.swift declares no test target") })
        let tests = try violations(replacing: (5, #".testTarget(name: "OtherTests")"#))
        #expect(tests.contains("Package.swift: the test target OtherTests has no Swift file in Tests/OtherTests"))
    }

    @Test("a module kept for one target is refused to the others")
    func exclusiveModule() throws {
        let found = try violations(
            adding: ["Sources/program/main.swift": "import Network\nimport Rules\nimport HTTPLibrary\n"],
            replacing: (3, #".executableTarget(name: "program", dependencies: ["Rules", "Network", http])"#)
        )
        #expect(found == ["Sources/program/main.swift:3: only Network may import HTTPLibrary"])
    }

    @Test(
        "a floor without I/O may not import a module that could do some",
        arguments: ["Glibc", "Logging", "Dispatch"]
    )
    func impureModule(module: String) throws {
        let found = try violations(adding: ["Sources/Values/Log.swift": "import \(module)\n"])
        let place = "Sources/Values/Log.swift:1: Values"
        #expect(found.contains("\(place) stands on a floor without I/O, so it may not import \(module)"))
    }

    @Test("an import that Package.swift does not declare fails, in sources and in tests")
    func undeclaredImport() throws {
        let found = try violations(adding: [
            "Sources/program/Extra.swift": "import Values\n", "Tests/RulesTests/More.swift": "import Crypto\n",
        ])
        #expect(
            found == [
                "Tests/RulesTests/More.swift:1: Package.swift does not declare Crypto as a dependency of RulesTests",
                "Sources/program/Extra.swift:1: Package.swift does not declare Values as a dependency of program",
            ]
        )
    }

    @Test("a declared dependency that nothing imports fails")
    func unusedDependency() throws {
        let found = try violations(
            replacing: (3, #".executableTarget(name: "program", dependencies: ["Rules", "Network", "Values", http])"#)
        )
        #expect(
            found == [
                "Package.swift: program declares Values and never imports it; remove it",
                "Package.swift: program declares HTTPLibrary and never imports it; remove it",
            ]
        )
    }

    @Test("a stand-in that reaches the shipped program through another target is found")
    func standInIsShipped() throws {
        let found = try violations(replacing: (1, #".target(name: "Rules", dependencies: ["Values", "FakeCluster"])"#))
        #expect(found.contains("Package.swift: FakeCluster would be linked into program"))
    }

    @Test("a re-exported import fails")
    func reexport() throws {
        let found = try violations(adding: ["Sources/Rules/Rule.swift": "@_exported public import Values\n"])
        #expect(found.count == 1 && found[0].hasPrefix("Sources/Rules/Rule.swift:1: a re-exported import"))
    }

    @Test("a table with a circle, an arrow that points up, an unknown name or two rows for one target fails")
    func badTable() throws {
        var table = Self.table
        table.rows[0].mayImport = ["Rules", "Nobody"]
        table.rows.append(.init("Rules", .judgement, ["Values"]))
        let found = try violations(table: table)
        #expect(found.contains("the layering table lets Values import Rules, which stands higher"))
        #expect(found.contains("the layering table lets Values import Nobody, which has no row"))
        #expect(found.contains("the layering table lets Values import itself through others"))
        #expect(found.contains("the layering table has more than one row for Rules"))
    }

    @Test(
        "a manifest in a form that could hide an arrow is refused",
        arguments: [
            #".target(name: name, dependencies: ["Values"])"#,
            #".target(name: "Rules", dependencies: ["Values"] + more)"#,
            #".target(name: "Rules", dependencies: common)"#,
            #".target(name: "Rules", dependencies: [unknown])"#,
            #".target(name: "Rules", dependencies: ["Values"], path: "Elsewhere")"#,
        ]
    )
    func unreadableManifest(line: String) {
        #expect(throws: PackageManifest.Unreadable.self) { try violations(replacing: (1, line)) }
    }
}
