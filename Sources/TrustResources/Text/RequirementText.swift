public import TrustModel

/// How a policy writes how many authorities must vouch: `Any`, `All` or `AtLeast:2`.
///
/// One string, because a structural schema cannot offer a choice between a word and an object.
public enum RequirementText {
    /// What the schema demands of the text; a policy has 16 authorities at most.
    public static let pattern = "^(Any|All|AtLeast:([1-9]|1[0-6]))$"

    /// The requirement that `text` names; `nil` for anything else.
    public static func parse(_ text: String) -> Requirement? {
        switch text {
        case "Any": return .any
        case "All": return .all
        default:
            guard text.hasPrefix("AtLeast:"), text.utf8.count <= 10 else { return nil }
            let digits = text.dropFirst("AtLeast:".count)
            guard digits.first != "0", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits),
                (1...16).contains(count)
            else { return nil }
            return .atLeast(count)
        }
    }

    /// How a policy writes `requirement`.
    public static func format(_ requirement: Requirement) -> String {
        switch requirement {
        case .any: "Any"
        case .all: "All"
        case .atLeast(let count): "AtLeast:\(count)"
        }
    }
}
