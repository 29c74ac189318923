import FoundationEssentials

/// Programs of others that tests run.
public enum InstalledProgram {
    /// `kubectl`: the one that `VIGIL_KUBECTL` names, else the one in the folder `VIGIL_TOOLS`, which `make tools` fills, else
    /// the first in `PATH`; `nil` when there is none.
    public static let kubectl: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["VIGIL_KUBECTL"], !named.isEmpty { return named }
        let tools = environment["VIGIL_TOOLS"].map { [Substring($0)] } ?? []
        return (tools + (environment["PATH"] ?? "").split(separator: ":")).map { "\($0)/kubectl" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()
}
