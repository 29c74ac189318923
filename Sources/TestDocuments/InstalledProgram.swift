import FoundationEssentials

/// Programs of others that tests run.
public enum InstalledProgram {
    /// `kubectl`: the one that `VIGIL_KUBECTL` names, else the first in `PATH`, else the one in the folder `VIGIL_TOOLS`, which
    /// `make tools` fills; `nil` when there is none.
    public static let kubectl: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["VIGIL_KUBECTL"], !named.isEmpty { return named }
        let tools = environment["VIGIL_TOOLS"].map { [Substring($0)] } ?? []
        return ((environment["PATH"] ?? "").split(separator: ":") + tools).map { "\($0)/kubectl" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()
}
