import FoundationEssentials

/// Programs of others that tests run.
public enum InstalledProgram {
    private static let environment = ProcessInfo.processInfo.environment

    /// The folder that `VIGIL_TOOLS` names, which `make tools` fills; `nil` where it names none.
    public static let tools: String? = environment["VIGIL_TOOLS"].flatMap { $0.isEmpty ? nil : $0 }

    /// Whether a program that is missing fails the tests that need it, instead of skipping them: `CI` is set, as `.ci/run`
    /// sets it.
    public static let areRequired = !["", "0", "false"].contains(environment["CI"] ?? "")

    /// `kubectl`: the one that `VIGIL_KUBECTL` names, else the first in `PATH`, else the one in the folder ``tools``; `nil`
    /// when there is none.
    public static let kubectl: String? = {
        if let named = environment["VIGIL_KUBECTL"], !named.isEmpty { return named }
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init) + (tools.map { [$0] } ?? [])
        return folders.map { "\($0)/kubectl" }.first(where: isThere)
    }()

    /// Whether there is a program at a path.
    public static func isThere(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
}
