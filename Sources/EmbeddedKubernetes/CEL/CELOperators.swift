/// The binary operators other than `&&` and `||`.
enum CELOperators {
    static func apply(_ operation: CELSyntax.Operator, _ left: CELValue, _ right: CELValue) throws(CELError) -> CELValue
    {
        switch operation {
        case .equal: .bool(left.isEqual(right))
        case .notEqual: .bool(!left.isEqual(right))
        case .less: .bool(try compare(left, right) < 0)
        case .lessOrEqual: .bool(try compare(left, right) <= 0)
        case .greater: .bool(try compare(left, right) > 0)
        case .greaterOrEqual: .bool(try compare(left, right) >= 0)
        case .isIn: .bool(try contains(right, left))
        default: try arithmetic(operation, left, right)
        }
    }

    private static func contains(_ container: CELValue, _ element: CELValue) throws(CELError) -> Bool {
        switch (container, element) {
        case (.list(let elements), _): elements.contains { $0.isEqual(element) }
        case (.map(let entries), .string(let key)): entries[key] != nil
        default: throw CELFunctions.noOverload("@in", [element, container])
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }

    private static func compare(_ left: CELValue, _ right: CELValue) throws(CELError) -> Int {
        switch (left, right) {
        case (.int(let left), .int(let right)): return order(left, right)
        case (.double(let left), .double(let right)): return order(left, right)
        case (.int(let left), .double(let right)): return order(Double(left), right)
        case (.double(let left), .int(let right)): return order(left, Double(right))
        case (.string(let left), .string(let right)):
            return left == right ? 0 : left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars) ? -1 : 1
        case (.bool(let left), .bool(let right)): return order(left ? 1 : 0, right ? 1 : 0)
        case (.duration(let left), .duration(let right)): return order(left, right)
        case (.timestamp(let left), .timestamp(let right)): return order(left, right)
        default: throw CELFunctions.noOverload("_<_", [left, right])
        }
    }

    private static func arithmetic(
        _ operation: CELSyntax.Operator,
        _ left: CELValue,
        _ right: CELValue
    ) throws(CELError) -> CELValue {
        switch (operation, left, right) {
        case (_, .int(let left), .int(let right)): return .int(try integers(operation, left, right))
        case (_, .double(let left), .double(let right)): return .double(try doubles(operation, left, right))
        case (.add, .string(let left), .string(let right)): return .string(left + right)
        case (.add, .list(let left), .list(let right)): return .list(left + right)
        case (.add, .duration(let left), .duration(let right)): return .duration(try integers(.add, left, right))
        case (.subtract, .duration(let left), .duration(let right)):
            return .duration(try integers(.subtract, left, right))
        case (.add, .timestamp(let left), .duration(let right)), (.add, .duration(let right), .timestamp(let left)):
            return .timestamp(try integers(.add, left, right))
        case (.subtract, .timestamp(let left), .duration(let right)):
            return .timestamp(try integers(.subtract, left, right))
        case (.subtract, .timestamp(let left), .timestamp(let right)):
            return .duration(try integers(.subtract, left, right))
        default: throw CELFunctions.noOverload("_\(operation.rawValue)_", [left, right])
        }
    }

    private static func integers(_ operation: CELSyntax.Operator, _ left: Int64, _ right: Int64) throws(CELError)
        -> Int64
    {
        let result: (partialValue: Int64, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw CELError("division by zero") }
            result = left.dividedReportingOverflow(by: right)
        case .remainder:
            guard right != 0 else { throw CELError("modulus by zero") }
            result = left.remainderReportingOverflow(dividingBy: right)
        default: throw CELError("no such overload")
        }
        guard !result.overflow else { throw CELError("return error for overflow") }
        return result.partialValue
    }

    private static func doubles(_ operation: CELSyntax.Operator, _ left: Double, _ right: Double) throws(CELError)
        -> Double
    {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        default: throw CELError("no such overload")
        }
    }
}
