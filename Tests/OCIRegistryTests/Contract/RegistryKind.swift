import TestDocuments
import Testing

/// A registry that the client is tried against, and how it is reached.
enum RegistryKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// The stand-in, open to everybody over plain HTTP.
    case embedded
    /// The stand-in, with a password and TLS.
    case embeddedSecured
    /// The registry of github.com/distribution/distribution as Debian ships it, open to everybody over plain HTTP.
    case distribution
    /// The same with `htpasswd` and TLS.
    case distributionSecured

    /// The real program; `nil` where nobody says where it is.
    static let program = InstalledProgram.tools.map { "\($0)/docker-registry" }

    /// That somebody says where the real program is.
    static let named = MachineNeeds(
        program != nil,
        else: "VIGIL_TOOLS names no folder with docker-registry: run make test, which makes one and names it"
    )

    /// Those that can run here: the real ones only where `VIGIL_TOOLS` names a folder.
    static var present: [RegistryKind] { allCases.filter { !$0.isReal || program != nil } }

    /// Those that want a password and speak TLS.
    static var secured: [RegistryKind] { present.filter(\.isSecured) }

    /// Whether it is the real program.
    var isReal: Bool { self == .distribution || self == .distributionSecured }

    /// Whether it wants a password and speaks TLS.
    var isSecured: Bool { self == .embeddedSecured || self == .distributionSecured }

    var testDescription: String { rawValue }
}
