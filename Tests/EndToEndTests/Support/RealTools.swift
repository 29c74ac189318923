import TestDocuments
import Testing

/// The real programs that these tests drive, where they are.
///
/// `make test` puts them into the build folder and names it in `VIGIL_TOOLS`. Without it the tests are skipped, or fail where
/// everything must be tried (``MachineNeeds``): nothing is faked in their place.
enum RealTools {
    private static let needs = MachineNeeds(tools: ["notation", "oras", "docker-registry", "openssl"])

    /// The folder with the tools.
    static let folder = InstalledProgram.tools ?? ""

    static func path(_ tool: String) -> String { "\(folder)/\(tool)" }

    /// Whether `notation`, `oras`, `docker-registry` and `openssl` are there.
    static var areInstalled: Bool {
        get throws { try needs.areMet }
    }

    /// Why tests are skipped without them.
    static let reason = Comment(rawValue: needs.reason)

    /// Whether a further tool is there.
    static func has(_ tool: String) throws -> Bool { try MachineNeeds(tools: [tool]).areMet }

    /// Why tests are skipped without a further tool.
    static func lack(of tool: String) -> Comment { Comment(rawValue: MachineNeeds(tools: [tool]).reason) }

    /// The `vigil` that was built beside these tests.
    static let vigil = BuiltProgram.path("vigil")
}
