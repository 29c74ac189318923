internal import JSONModel

/// Runs the `x-kubernetes-validations` of a schema over an object, and over the change from an older one.
struct RuleEvaluation {
    private(set) var errors: [FieldError] = []

    mutating func run(_ value: JSONValue, old: JSONValue?, schema: StructuralSchema, path: String, isRoot: Bool = false)
    {
        guard schema.hasRules, !value.isNull else { return }
        if !schema.rules.isEmpty { check(value, old, schema, path, isRoot) }
        switch value {
        case .object(let members):
            for name in members.keys.sorted() {
                guard let member = members[name], let child = schema.properties[name] ?? schema.additionalProperties
                else { continue }
                run(member, old: old?[name], schema: child, path: SchemaValidator.join(path, name))
            }
        case .array(let elements):
            guard let items = schema.items else { return }
            for (index, element) in elements.enumerated() {
                run(element, old: counterpart(of: element, in: old, schema), schema: items, path: "\(path)[\(index)]")
            }
        default: return
        }
    }

    /// The old element that corresponds to a new one: only lists of type `map` can tell.
    private func counterpart(of element: JSONValue, in old: JSONValue?, _ schema: StructuralSchema) -> JSONValue? {
        guard schema.listType == .map, let candidates = old?.array else { return nil }
        return candidates.first { candidate in schema.listMapKeys.allSatisfy { candidate[$0] == element[$0] } }
    }

    private mutating func check(
        _ value: JSONValue,
        _ old: JSONValue?,
        _ schema: StructuralSchema,
        _ path: String,
        _ isRoot: Bool
    ) {
        var variables = ["self": CELValue(value, schema: schema)]
        if let old { variables["oldSelf"] = CELValue(old, schema: schema) }
        for rule in schema.rules {
            if rule.usesOldSelf, old == nil { continue }
            do throws(CELError) {
                if try rule.expression.holds(variables) { continue }
                errors.append(failure(of: rule, value, schema, path, variables))
            } catch {
                errors.append(
                    invalid(at: path, value, schema, "\(error) evaluating rule: \(message(of: rule, variables))")
                )
            }
        }
    }

    private func message(of rule: ValidationRule, _ variables: [String: CELValue]) -> String {
        if let expression = rule.messageExpression, let text = try? expression.string(variables), !text.isEmpty {
            return text
        }
        return rule.message.isEmpty ? "failed rule: \(rule.rule)" : rule.message
    }

    private func failure(
        of rule: ValidationRule,
        _ value: JSONValue,
        _ schema: StructuralSchema,
        _ path: String,
        _ variables: [String: CELValue]
    ) -> FieldError {
        let field =
            path + (path.isEmpty && rule.fieldPath.hasPrefix(".") ? String(rule.fieldPath.dropFirst()) : rule.fieldPath)
        let text = message(of: rule, variables)
        switch rule.reason {
        case .required: return .required(field, text)
        case .forbidden: return .forbidden(field, text)
        case .duplicate: return .duplicate(field, value)
        default: return invalid(at: field, value, schema, text)
        }
    }

    /// Objects and lists are left out of the message, scalars are shown.
    private func invalid(at field: String, _ value: JSONValue, _ schema: StructuralSchema, _ text: String) -> FieldError
    {
        let field = field.isEmpty ? "<nil>" : field
        if schema.type == "object" || schema.type == "array" { return .invalid(field, text) }
        return .invalid(field, value, text)
    }
}
