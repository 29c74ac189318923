import JSONModel
import KubernetesClient
import TrustModel

/// Keeps the verdict of each verification, so that who measures takes little of the machine.
struct VerdictProjection: ObjectProjection {
    func draft() -> Verdict? { nil }

    func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Verdict?) throws -> Bool {
        guard case "status" = name else { return false }
        draft = nil
        try reader.members { name, reader in
            if case "verdict" = name {
                draft = try reader.optionalString().flatMap(Verdict.init(rawValue:))
            } else {
                try reader.skip()
            }
        }
        return true
    }

    func value(_ draft: Verdict?, _ header: ObjectHeader) -> Verdict? { draft }
}
