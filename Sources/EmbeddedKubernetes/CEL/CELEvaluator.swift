/// Evaluates an expression within a budget of steps.
struct CELEvaluator {
    private var variables: [String: CELValue]
    private var steps = 0
    /// kube-apiserver's budget for one expression, in its cost units; a step here costs one.
    static let maximumSteps = 1_000_000

    init(variables: [String: CELValue]) { self.variables = variables }

    mutating func evaluate(_ syntax: CELSyntax) throws(CELError) -> CELValue {
        steps += 1
        guard steps <= Self.maximumSteps else { throw CELError("operation cancelled: actual cost limit exceeded") }
        switch syntax {
        case .literal(let value): return value
        case .identifier(let name):
            guard let value = variables[name] else { throw CELError("undeclared reference to '\(name)'") }
            return value
        case .select(let base, let field): return try select(try evaluate(base), field)
        case .has(let base, let field):
            guard case .map(let entries) = try evaluate(base) else { throw CELError("no such key: \(field)") }
            return .bool(entries[field] != nil)
        case .index(let base, let index): return try element(try evaluate(base), try evaluate(index))
        case .call(let name, let target, let arguments): return try call(name, target, arguments)
        case .list(let elements):
            var values: [CELValue] = []
            for element in elements { values.append(try evaluate(element)) }
            return .list(values)
        case .map(let entries): return try map(entries)
        case .not(let inner): return .bool(!(try truth(inner)))
        case .negate(let inner): return try negate(try evaluate(inner))
        case .binary(.and, let left, let right): return try junction(left, right, decisive: false)
        case .binary(.or, let left, let right): return try junction(left, right, decisive: true)
        case .binary(let operation, let left, let right):
            return try CELOperators.apply(operation, try evaluate(left), try evaluate(right))
        case .conditional(let test, let left, let right): return try evaluate(try truth(test) ? left : right)
        case .comprehension(let macro, let range, let variable, let filter, let body):
            return try comprehension(macro, range, variable, filter, body)
        }
    }

    mutating func truth(_ syntax: CELSyntax) throws(CELError) -> Bool {
        let value = try evaluate(syntax)
        guard case .bool(let truth) = value else {
            throw CELError("no such overload: expected bool, found \(value.typeName)")
        }
        return truth
    }

    private func select(_ base: CELValue, _ field: String) throws(CELError) -> CELValue {
        guard case .map(let entries) = base else { throw CELError("no such overload: \(base.typeName).\(field)") }
        guard let value = entries[field] else { throw CELError("no such key: \(field)") }
        return value
    }

    private func element(_ base: CELValue, _ index: CELValue) throws(CELError) -> CELValue {
        switch (base, index) {
        case (.list(let elements), .int(let at)):
            guard at >= 0, at < Int64(elements.count) else { throw CELError("index out of bounds: \(at)") }
            return elements[Int(at)]
        case (.map(let entries), .string(let key)):
            guard let value = entries[key] else { throw CELError("no such key: \(key)") }
            return value
        default: throw CELFunctions.noOverload("_[_]", [base, index])
        }
    }

    private mutating func call(
        _ name: String,
        _ target: CELSyntax?,
        _ arguments: [CELSyntax]
    ) throws(CELError) -> CELValue {
        var values: [CELValue] = []
        for argument in arguments { values.append(try evaluate(argument)) }
        if let target { return try CELFunctions.call(name, on: try evaluate(target), values) }
        guard let first = values.first else { throw CELFunctions.noOverload(name, []) }
        return try CELFunctions.call(name, first)
    }

    private mutating func map(_ entries: [CELSyntax.Entry]) throws(CELError) -> CELValue {
        var values: [String: CELValue] = [:]
        for entry in entries {
            guard case .string(let key) = try evaluate(entry.key) else { throw CELError("map keys must be strings") }
            values[key] = try evaluate(entry.value)
        }
        return .map(values)
    }

    private func negate(_ value: CELValue) throws(CELError) -> CELValue {
        switch value {
        case .int(let number):
            let (result, overflow) = (0 as Int64).subtractingReportingOverflow(number)
            guard !overflow else { throw CELError("return error for overflow") }
            return .int(result)
        case .double(let number): return .double(-number)
        case .duration(let number): return .duration(0 &- number)
        default: throw CELFunctions.noOverload("-_", [value])
        }
    }

    /// `&&` and `||`: one decisive side settles the result even when the other fails.
    private mutating func junction(_ left: CELSyntax, _ right: CELSyntax, decisive: Bool) throws(CELError) -> CELValue {
        do throws(CELError) {
            if try truth(left) == decisive { return .bool(decisive) }
        } catch {
            if let truth = try? truth(right), truth == decisive { return .bool(decisive) }
            throw error
        }
        return .bool(try truth(right))
    }
}

// MARK: - Macros

extension CELEvaluator {
    private mutating func comprehension(
        _ macro: CELSyntax.Macro,
        _ range: CELSyntax,
        _ variable: String,
        _ filter: CELSyntax?,
        _ body: CELSyntax
    ) throws(CELError) -> CELValue {
        let elements: [CELValue]
        let source = try evaluate(range)
        switch source {
        case .list(let list): elements = list
        case .map(let entries): elements = entries.keys.sorted().map(CELValue.string)
        default: throw CELError("expression of type '\(source.typeName)' cannot be range of a comprehension")
        }
        let shadowed = variables[variable]
        defer { variables[variable] = shadowed }
        switch macro {
        case .all: return .bool(try matches(elements, variable, body, stopAt: false))
        case .exists: return .bool(!(try matches(elements, variable, .not(body), stopAt: false)))
        case .existsOne:
            var count = 0
            for element in elements {
                variables[variable] = element
                if try truth(body) { count += 1 }
            }
            return .bool(count == 1)
        case .filter: return .list(try kept(elements, variable, body))
        case .map:
            var values: [CELValue] = []
            var chosen = elements
            if let filter { chosen = try kept(elements, variable, filter) }
            for element in chosen {
                variables[variable] = element
                values.append(try evaluate(body))
            }
            return .list(values)
        }
    }

    private mutating func kept(_ elements: [CELValue], _ variable: String, _ test: CELSyntax) throws(CELError)
        -> [CELValue]
    {
        var kept: [CELValue] = []
        for element in elements {
            variables[variable] = element
            if try truth(test) { kept.append(element) }
        }
        return kept
    }

    /// Whether `body` holds for every element; an error counts only when no element settles the question.
    private mutating func matches(
        _ elements: [CELValue],
        _ variable: String,
        _ body: CELSyntax,
        stopAt decisive: Bool
    ) throws(CELError) -> Bool {
        var failure: CELError?
        for element in elements {
            variables[variable] = element
            do throws(CELError) {
                if try truth(body) == decisive { return decisive }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !decisive
    }
}
