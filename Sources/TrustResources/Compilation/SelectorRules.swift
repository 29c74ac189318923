import KubernetesAPI

/// What the schema cannot say about label selectors (apimachinery, `LabelSelectorAsSelector`).
enum SelectorRules {
    static func problems(in selector: LabelSelector, field: String) -> [PolicyProblem] {
        selector.matchExpressions.enumerated().compactMap { index, requirement in
            let field = "\(field).matchExpressions[\(index)].values"
            let isEmpty = requirement.values?.isEmpty ?? true
            switch requirement.operator {
            case .in, .notIn:
                guard isEmpty else { return nil }
                return PolicyProblem(
                    .invalid,
                    field: field,
                    message: "is empty: \(requirement.operator.rawValue) needs at least one value"
                )
            case .exists, .doesNotExist:
                guard !isEmpty else { return nil }
                return PolicyProblem(
                    .invalid,
                    field: field,
                    message: "must be absent: \(requirement.operator.rawValue) compares no values"
                )
            }
        }
    }
}
