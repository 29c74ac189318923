import Foundation

/// The Swift files, the manifest and the pages of one checkout, held in memory so that a test can feed the checks a
/// made-up one.
struct SourceTree {
    /// The text of each Swift file, by its path from the root: `Sources/OCIModel/Digest.swift`.
    var files: [String: String]
    /// The text of `Package.swift`.
    var manifest: String
    /// The text of each Markdown page of `docs`, by its path from the root.
    var pages: [String: String] = [:]

    /// Reads the checkout at `root`.
    ///
    /// - Throws: what Foundation says of a file or folder that cannot be read.
    static func reading(_ root: URL) throws -> SourceTree {
        var files: [String: String] = [:]
        for top in ["Sources", "Tests"] {
            for path in try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: top).path) {
                guard path.hasSuffix(".swift") else { continue }
                files["\(top)/\(path)"] = try String(
                    contentsOf: root.appending(path: "\(top)/\(path)"),
                    encoding: .utf8
                )
            }
        }
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        var pages: [String: String] = [:]
        for path in try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path) {
            guard path.hasSuffix(".md") else { continue }
            pages["docs/\(path)"] = try String(contentsOf: root.appending(path: "docs/\(path)"), encoding: .utf8)
        }
        return SourceTree(files: files, manifest: manifest, pages: pages)
    }

    /// The checkout that these tests were compiled from, or the one that `VIGIL_SOURCE_ROOT` names.
    static func thisCheckout() throws -> SourceTree {
        if let root = ProcessInfo.processInfo.environment["VIGIL_SOURCE_ROOT"] {
            return try reading(URL(filePath: root))
        }
        return try reading(URL(filePath: #filePath).appending(path: "../../..").standardized)
    }

    /// The names of the folders directly under `top` that hold Swift files.
    func folders(under top: String) -> Set<String> {
        Set(
            files.keys.compactMap { path in
                let parts = path.split(separator: "/")
                return parts.count > 2 && parts[0] == top ? String(parts[1]) : nil
            }
        )
    }

    /// Every import under `Sources/<target>` or `Tests/<target>`, in the order of paths and lines.
    func imports(of target: String, under top: String) -> [ImportStatement] {
        let prefix = "\(top)/\(target)/"
        return files.keys.filter { $0.hasPrefix(prefix) }.sorted().flatMap { path in
            ImportStatement.all(in: files[path] ?? "", path: path)
        }
    }
}
