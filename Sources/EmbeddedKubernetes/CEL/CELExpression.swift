/// A parsed expression: checked against a schema once, evaluated many times.
struct CELExpression: Sendable, Hashable {
    let text: String
    let syntax: CELSyntax

    /// Parses an expression.
    ///
    /// - Throws: ``CELError`` for anything outside the subset.
    init(_ text: String) throws(CELError) {
        self.text = text
        self.syntax = try CELParser.parse(text)
    }

    func uses(_ variable: String) -> Bool { syntax.mentions(variable) }

    /// Checks fields and types; the expression must yield a truth value.
    func check(against schema: StructuralSchema, isRoot: Bool) throws(CELError) {
        let own = CELType(schema, isRoot: isRoot)
        var checker = CELTypeChecker(variables: ["self": own, "oldSelf": own])
        let type = try checker.type(of: syntax)
        guard type == .bool || type == .dynamic else { throw CELError("cel expression must evaluate to a bool") }
    }

    /// Evaluates to a truth value.
    func holds(_ variables: [String: CELValue]) throws(CELError) -> Bool {
        var evaluator = CELEvaluator(variables: variables)
        return try evaluator.truth(syntax)
    }

    /// Evaluates to a text, for a message.
    func string(_ variables: [String: CELValue]) throws(CELError) -> String {
        var evaluator = CELEvaluator(variables: variables)
        guard case .string(let text) = try evaluator.evaluate(syntax) else {
            throw CELError("the message expression must evaluate to a string")
        }
        return text
    }
}
