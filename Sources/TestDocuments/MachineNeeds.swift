/// What tests need of the machine that not every machine has.
///
/// Where something is missing, tests are skipped for ``reason``. Where ``InstalledProgram/areRequired`` they fail with the same
/// words, so that nothing is left out unnoticed where everything should be tried. Both are a condition of Swift Testing:
/// `.enabled(if: try needs.areMet, …)`.
public struct MachineNeeds: Sendable {
    /// Something is missing where nothing may be.
    public struct Missing: Error, CustomStringConvertible {
        /// What is missing, and what to do.
        public let description: String
    }

    /// What is missing, and what to do; empty where nothing is.
    public let reason: String
    private let isRequired: Bool

    /// A need that is met or not.
    ///
    /// - Parameters:
    ///   - isMet: whether the machine has it.
    ///   - reason: what is missing otherwise, and what to do.
    ///   - isRequired: whether that is an error.
    public init(_ isMet: Bool, else reason: String, isRequired: Bool = InstalledProgram.areRequired) {
        self.reason = isMet ? "" : reason
        self.isRequired = isRequired
    }

    /// Programs in the folder with the tools.
    ///
    /// - Parameters:
    ///   - tools: their names, as `hack/install-tools` knows them.
    ///   - folder: the folder; `nil` where nobody names one.
    ///   - isRequired: whether it is an error when one is missing.
    public init(
        tools: [String],
        in folder: String? = InstalledProgram.tools,
        isRequired: Bool = InstalledProgram.areRequired
    ) {
        let missing = tools.filter { tool in folder.map { !InstalledProgram.isThere("\($0)/\(tool)") } ?? true }
        let names = missing.joined(separator: ", ")
        let reason =
            if let folder {
                "VIGIL_TOOLS names \(folder), which lacks \(names): run hack/install-tools \(missing.joined(separator: " "))"
            } else {
                "VIGIL_TOOLS names no folder with \(names): run make test, which makes one and names it"
            }
        self.init(missing.isEmpty, else: reason, isRequired: isRequired)
    }

    /// `kubectl`, wherever it is.
    public static let kubectl = MachineNeeds(
        InstalledProgram.kubectl != nil,
        else: "kubectl is not installed: run hack/install-tools kubectl, set VIGIL_KUBECTL, or put it in PATH"
    )

    /// Whether the machine has everything.
    ///
    /// - Throws: ``Missing`` where it does not, and must.
    public var areMet: Bool {
        get throws(Missing) {
            if isRequired, !reason.isEmpty { throw Missing(description: reason) }
            return reason.isEmpty
        }
    }
}
