import Testing

@Suite("The architecture of this checkout")
struct ArchitectureTests {
    /// Read once for all tests.
    private static let shared = Result { try ArchitectureCheck(table: .vigil, tree: .thisCheckout()) }

    private let check: ArchitectureCheck

    init() throws {
        check = try Self.shared.get()
    }

    @Test("the checkout was found, with sources, tests and targets")
    func checkoutIsFound() {
        #expect(check.tree.folders(under: "Sources").contains("JSONModel"))
        #expect(check.tree.folders(under: "Tests").contains("ArchitectureTests"))
        #expect(check.manifest.target("JSONModel") != nil)
    }

    @Test("the layering table is consistent and has no circle")
    func table() {
        expectNone(check.tableViolations())
    }

    @Test("every folder of Sources has a row in the table and a target in Package.swift")
    func folders() {
        expectNone(check.folderViolations())
    }

    @Test("every import in Sources is in the table")
    func imports() {
        expectNone(check.importViolations())
    }

    @Test("Package.swift declares what is imported, all of it, and nothing else")
    func manifest() {
        expectNone(check.manifestViolations())
    }

    @Test("the shipped program contains no stand-in and nothing made for tests")
    func shipped() {
        expectNone(check.shippedViolations())
    }

    @Test("what makes signatures for tests has nothing of this project in it, and so no code of the verifiers")
    func signatures() {
        let kit = check.manifest.closure(of: "SigningTestKit")
        #expect(kit.targets == ["SigningTestKit"])
        #expect(kit.products == ["Crypto", "CryptoExtras"])
        // What it imports is compared with the table above.
        #expect(check.table.row("SigningTestKit")?.mayImport.isEmpty == true)
    }

    @Test(
        "what other operators could be written with knows no noun of this product, nor does what it is built on",
        arguments: [
            "KubernetesAPI", "KubernetesClient", "KubernetesRuntime", "OutboundHTTP", "JSONModel", "WorkSharing",
            "BoundedYAML", "MetricsExposition", "ConnectionHandover",
        ]
    )
    func neutral(target: String) throws {
        let nouns = /vigil|trust\s*polic|image\s*verification|verdict|notary|sigstore|cosign/.ignoresCase()
        let files = check.tree.files.filter { $0.key.hasPrefix("Sources/\(target)/") }
        try #require(!files.isEmpty)
        for (path, text) in files {
            for line in text.split(separator: "\n") {
                if let noun = line.firstMatch(of: nouns) { Issue.record("\(path) says \(noun.output): \(line)") }
            }
        }
    }

    private func expectNone(_ violations: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        for violation in violations {
            Issue.record("\(violation)", sourceLocation: sourceLocation)
        }
    }
}
