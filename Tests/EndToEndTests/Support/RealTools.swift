import Foundation
import TestDocuments
import Testing

/// The real programs that these tests drive, where they are.
///
/// `make test` puts them into the build folder and names it in `VIGIL_TOOLS`. Without it the tests are skipped, with this
/// as the reason: nothing is faked in their place.
enum RealTools {
    /// The folder with the tools.
    static let folder = ProcessInfo.processInfo.environment["VIGIL_TOOLS"] ?? ""

    static func path(_ tool: String) -> String { "\(folder)/\(tool)" }

    /// Whether `notation`, `oras` and `docker-registry` are there.
    static let areInstalled = ["notation", "oras", "docker-registry", "openssl"].allSatisfy { tool in
        FileManager.default.isExecutableFile(atPath: path(tool))
    }

    /// Whether a further tool is there.
    static func hasAlso(_ tool: String) -> Bool {
        areInstalled && FileManager.default.isExecutableFile(atPath: path(tool))
    }

    static let reason: Comment =
        "VIGIL_TOOLS names no folder with notation, oras, docker-registry and openssl; run make test"

    /// The `vigil` that was built beside these tests.
    static let vigil = BuiltProgram.path("vigil")
}
