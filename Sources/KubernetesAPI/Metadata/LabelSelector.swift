/// A query over labels (`metav1.LabelSelector`).
///
/// An empty selector matches everything.
public struct LabelSelector: Sendable, Hashable {
    /// One requirement over one label.
    public struct Requirement: Sendable, Hashable, Codable {
        /// The operators of set-based requirements.
        public enum Operator: String, Sendable, Hashable, Codable, CaseIterable {
            case `in` = "In"
            case notIn = "NotIn"
            case exists = "Exists"
            case doesNotExist = "DoesNotExist"
        }

        /// The label.
        public var key: String
        /// How it is compared.
        public var `operator`: Operator
        /// What it is compared with; empty for `Exists` and `DoesNotExist`.
        public var values: [String]?

        /// Creates a requirement.
        public init(key: String, operator: Operator, values: [String]? = nil) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }
    }

    /// Labels with exactly these values.
    public var matchLabels: [String: String]
    /// Requirements that must all hold.
    public var matchExpressions: [Requirement]

    /// Creates a selector.
    public init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// Whether it matches everything.
    public var isEmpty: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

    /// Whether `labels` satisfy every requirement.
    ///
    /// As in the API, `NotIn` holds where the label is absent.
    public func matches(_ labels: [String: String]) -> Bool { matches { labels[$0] } }

    /// Whether `labels` satisfy every requirement, as for a dictionary.
    public func matches(_ labels: LabelSet) -> Bool { matches { labels[$0] } }

    private func matches(_ value: (String) -> String?) -> Bool {
        matchLabels.allSatisfy { value($0.key) == $0.value }
            && matchExpressions.allSatisfy { requirement in
                let value = value(requirement.key)
                let values = requirement.values ?? []
                return switch requirement.operator {
                case .in: value.map(values.contains) ?? false
                case .notIn: !(value.map(values.contains) ?? false)
                case .exists: value != nil
                case .doesNotExist: value == nil
                }
            }
    }
}

extension LabelSelector: Codable {
    private enum CodingKeys: String, CodingKey { case matchLabels, matchExpressions }

    /// Reads a selector; absent members are empty.
    ///
    /// - Throws: `DecodingError` when a member has the wrong type or an operator is unknown.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        matchLabels = try container.decodeIfPresent([String: String].self, forKey: .matchLabels) ?? [:]
        matchExpressions = try container.decodeIfPresent([Requirement].self, forKey: .matchExpressions) ?? []
    }

    /// Writes the members that are not empty.
    ///
    /// - Throws: whatever the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !matchLabels.isEmpty { try container.encode(matchLabels, forKey: .matchLabels) }
        if !matchExpressions.isEmpty { try container.encode(matchExpressions, forKey: .matchExpressions) }
    }
}
