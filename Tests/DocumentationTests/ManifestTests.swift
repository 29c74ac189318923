import Foundation
import Subprocess
import SystemPackage
import TestDocuments
import Testing

/// The manifest of a package that uses this one, as the documentation shows it.
@Suite("Package manifests in the documentation", .timeLimit(.minutes(5)))
struct ManifestTests {
    static func isManifest(_ block: MarkdownPage.Block) -> Bool {
        block.lines.first?.hasPrefix("// swift-tools-version:") == true
    }

    @Test("each is one that Swift takes, with products of this package and versions of others that are in its own")
    func manifests() async throws {
        let blocks = Documentation.checkout.blocks("swift").filter(Self.isManifest)
        #expect(blocks.count == 1)
        for block in blocks {
            let violations = try await Self.violations(in: block.lines)
            #expect(violations == [], "\(block.place)")
        }
    }

    @Test("a manifest that is none, a product that does not exist and another version are found")
    func mistakes() async throws {
        let block = try #require(Documentation.checkout.blocks("swift").first(where: Self.isManifest))
        for (right, wrong) in [
            ("let package =", "let package ="), ("Package(", "Pakcage("), ("KubernetesRuntime", "KubernetesRunner"),
            ("from: \"1.", "from: \"0."),
        ] {
            let violations = try await Self.violations(in: block.lines.map { $0.replacing(right, with: wrong) })
            #expect(violations.isEmpty == (right == wrong), "\(wrong): \(violations)")
        }
    }

    private static func violations(in lines: [String]) async throws -> [String] {
        let own = try Checkout.text("Package.swift")
        let version = own.split(separator: "\n").first.map(String.init)
        var found = lines.first == version ? [] : ["the tools' version is not that of this package"]
        for line in lines.map(\.trimmed) where line.hasPrefix(".package(url:") && !own.contains(line) {
            found.append("this package does not say \(line)")
        }
        for match in lines.joined(separator: "\n").matches(of: /\.product\(name: "(\w+)", package: "vigil"\)/)
        where own.firstMatch(of: try Regex("\\.library\\(\\s*name: \"\(match.1)\"")) == nil {
            found.append("this package has no product \(match.1)")
        }
        return found + (try await refusals(of: lines))
    }

    /// What Swift has against a manifest.
    private static func refusals(of lines: [String]) async throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "manifest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = lines.joined(separator: "\n") + "\n"
        try text.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
        let result = try await Subprocess.run(
            .name("swift"),
            arguments: ["package", "--package-path", folder.path, "dump-package"],
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        if case .exited(0) = result.terminationStatus { return [] }
        return ["swift package dump-package: \(result.standardError.suffix(400))"]
    }
}
