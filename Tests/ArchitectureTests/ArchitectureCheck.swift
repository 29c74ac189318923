/// Compares a checkout with the layering table; what it returns is a list of sentences, empty when all holds.
///
/// The compiler alone does not hold the arrows: it lets a target import a sibling that it does not declare, and a
/// package that it reaches only through another.
struct ArchitectureCheck {
    var table: LayeringTable
    var tree: SourceTree
    var manifest: PackageManifest

    /// Prepares the check of one tree.
    ///
    /// - Throws: ``PackageManifest/Unreadable``.
    init(table: LayeringTable, tree: SourceTree) throws {
        self.table = table
        self.tree = tree
        manifest = try PackageManifest(tree.manifest)
    }

    /// Modules that come with the toolchain and need no declaration.
    static let toolchainModules: Set<String> = [
        "Swift", "Foundation", "FoundationEssentials", "FoundationNetworking", "Synchronization", "Dispatch", "Glibc",
        "Musl", "Darwin", "Testing", "RegexBuilder", "Observation",
    ]

    /// Products whose modules have other names.
    static let modulesOfProducts: [String: Set<String>] = [
        "Collections": [
            "Collections", "BitCollections", "DequeModule", "HashTreeCollections", "HeapModule", "OrderedCollections",
        ],
        "CryptoExtras": ["CryptoExtras", "_CryptoExtras"],
        "_CryptoExtras": ["CryptoExtras", "_CryptoExtras"],
        "Metrics": ["Metrics", "CoreMetrics"],
        "ServiceLifecycle": ["ServiceLifecycle", "UnixSignals"],
    ]

    /// The table itself: every name it uses has a row, no arrow points up, and the arrows make no circle.
    func tableViolations() -> [String] {
        var violations: [String] = []
        for row in table.rows {
            if table.rows.count(where: { $0.target == row.target }) > 1 {
                violations.append("the layering table has more than one row for \(row.target)")
            }
            for name in row.mayImport.sorted() {
                guard let imported = table.row(name) else {
                    violations.append("the layering table lets \(row.target) import \(name), which has no row")
                    continue
                }
                if imported.floor > row.floor {
                    violations.append("the layering table lets \(row.target) import \(name), which stands higher")
                }
            }
            if reaches(row.target, from: row.mayImport) {
                violations.append("the layering table lets \(row.target) import itself through others")
            }
        }
        return violations
    }

    private func reaches(_ goal: String, from starts: Set<String>) -> Bool {
        var seen: Set<String> = []
        var open = Array(starts)
        while let next = open.popLast() {
            if next == goal { return true }
            if seen.insert(next).inserted { open.append(contentsOf: table.row(next)?.mayImport ?? []) }
        }
        return false
    }

    /// Every folder of Sources has a row and a target, and every target a folder.
    func folderViolations() -> [String] {
        let folders = tree.folders(under: "Sources")
        let declared = Set(manifest.targets.filter { !$0.isTest }.map(\.name))
        var violations: [String] = []
        for folder in folders.sorted() {
            if table.row(folder) == nil {
                violations.append("Sources/\(folder): no row in the layering table; say there what it may import")
            }
            if !declared.contains(folder) {
                violations.append("Sources/\(folder): Package.swift declares no target of this name")
            }
        }
        for name in declared.subtracting(folders).sorted() {
            violations.append("Package.swift: the target \(name) has no Swift file in Sources/\(name)")
        }
        let tests = Set(manifest.targets.filter(\.isTest).map(\.name))
        for name in tests.subtracting(tree.folders(under: "Tests")).sorted() {
            violations.append("Package.swift: the test target \(name) has no Swift file in Tests/\(name)")
        }
        for folder in tree.folders(under: "Tests").subtracting(tests).sorted() where folder.hasSuffix("Tests") {
            violations.append("Tests/\(folder): Package.swift declares no test target of this name, so nothing runs it")
        }
        return violations
    }

    /// Every import in Sources against the table.
    func importViolations() -> [String] {
        let ours = Set(table.rows.map(\.target)).union(tree.folders(under: "Sources"))
        return tree.folders(under: "Sources").sorted().flatMap { folder -> [String] in
            guard let row = table.row(folder) else { return [] }
            return tree.imports(of: folder, under: "Sources").flatMap { statement in
                violations(of: statement, in: row, ours: ours)
            }
        }
    }

    private func violations(of statement: ImportStatement, in row: LayeringTable.Row, ours: Set<String>) -> [String] {
        var violations: [String] = []
        let module = statement.module
        if ours.contains(module) {
            if module != row.target, !row.mayImport.contains(module) {
                violations.append("\(statement.place): \(row.target) may not import \(module)")
            }
        } else if row.floor <= .judgement, !table.pureModules.contains(module) {
            violations.append(
                "\(statement.place): \(row.target) stands on a floor without I/O, so it may not import \(module)"
            )
        }
        if let importers = table.exclusiveModules[module], !importers.contains(row.target) {
            let names = importers.sorted().joined(separator: ", ")
            violations.append("\(statement.place): only \(names) may import \(module)")
        }
        if statement.isReexported {
            violations.append(
                "\(statement.place): a re-exported import is an arrow that nobody sees; remove @_exported"
            )
        }
        return violations
    }

    /// The dependencies that Package.swift declares, against the table and against what is imported.
    func manifestViolations() -> [String] {
        manifest.targets.sorted { $0.name < $1.name }.flatMap { target in
            let imports = tree.imports(of: target.name, under: target.isTest ? "Tests" : "Sources")
            return declaredViolations(of: target, imported: Set(imports.map(\.module)))
                + undeclaredImports(imports, in: target)
        }
    }

    private func declaredViolations(of target: PackageManifest.Target, imported: Set<String>) -> [String] {
        guard !target.isTest else { return [] }
        var violations: [String] = []
        for name in target.targets.sorted() {
            if let row = table.row(target.name), !row.mayImport.contains(name) {
                violations.append("Package.swift: \(target.name) declares \(name), which it may not import")
            }
            if !imported.contains(name) {
                violations.append("Package.swift: \(target.name) declares \(name) and never imports it; remove it")
            }
        }
        for product in target.products.sorted() where imported.isDisjoint(with: Self.modules(of: product)) {
            violations.append("Package.swift: \(target.name) declares \(product) and never imports it; remove it")
        }
        return violations
    }

    private func undeclaredImports(_ imports: [ImportStatement], in target: PackageManifest.Target) -> [String] {
        var declared = target.targets.union(Self.toolchainModules).union([target.name])
        for product in target.products { declared.formUnion(Self.modules(of: product)) }
        return imports.filter { !declared.contains($0.module) }.map { statement in
            "\(statement.place): Package.swift does not declare \(statement.module) as a dependency of \(target.name)"
        }
    }

    private static func modules(of product: String) -> Set<String> { modulesOfProducts[product] ?? [product] }

    /// What ends up in the shipped program: no stand-in and nothing made for tests.
    func shippedViolations() -> [String] {
        let program = table.shippedProgram
        guard manifest.target(program) != nil else { return [] }
        let closure = manifest.closure(of: program)
        let standIns = Set(table.rows.filter { $0.floor == .standIn }.map(\.target))
        let testing = closure.products.filter { $0.hasSuffix("Testing") || $0.contains("TestKit") }
        return closure.targets.intersection(standIns).union(testing).sorted().map { name in
            "Package.swift: \(name) would be linked into \(program)"
        }
    }

    /// Everything that does not hold.
    func allViolations() -> [String] {
        tableViolations() + folderViolations() + importViolations() + manifestViolations() + shippedViolations()
    }
}
