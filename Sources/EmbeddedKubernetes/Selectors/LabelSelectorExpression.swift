/// A `labelSelector` parameter: `app=web,tier in (a,b),!legacy`.
struct LabelSelectorExpression: Sendable, Hashable {
    enum Requirement: Sendable, Hashable {
        case isIn(String, Set<String>)
        case notIn(String, Set<String>)
        case exists(String)
        case absent(String)
        case greater(String, Int64)
        case less(String, Int64)
    }

    let requirements: [Requirement]

    static let everything = LabelSelectorExpression(requirements: [])

    private init(requirements: [Requirement]) { self.requirements = requirements }

    /// Reads a selector; an empty text selects everything.
    ///
    /// - Throws: a 400 ``APIFailure``.
    init(_ text: String) throws(APIFailure) {
        var parser = LabelSelectorParser(text)
        requirements = try parser.requirements()
    }

    var isEverything: Bool { requirements.isEmpty }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .notIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .absent(let key): labels[key] == nil
            case .greater(let key, let bound): labels[key].flatMap { Int64($0) }.map { $0 > bound } ?? false
            case .less(let key, let bound): labels[key].flatMap { Int64($0) }.map { $0 < bound } ?? false
            }
        }
    }
}
