internal import JSONModel

/// Checks a value against a structural schema; the errors are worded as kube-apiserver's.
struct SchemaValidator {
    private(set) var errors: [FieldError] = []
    /// More errors than this are not collected.
    private let maximumErrors = 256

    mutating func validate(_ value: JSONValue, against schema: StructuralSchema, path: String) {
        guard errors.count < maximumErrors else { return }
        if value.isNull, schema.isNullable { return }
        guard checkType(value, schema, path) else { return }
        check(value, schema.constraints, path)
        switch value {
        case .object(let members): validateMembers(members, schema, path)
        case .array(let elements):
            guard let items = schema.items else { return }
            for (index, element) in elements.enumerated() {
                validate(element, against: items, path: "\(path)[\(index)]")
            }
        default: return
        }
    }

    private mutating func validateMembers(_ members: [String: JSONValue], _ schema: StructuralSchema, _ path: String) {
        for name in schema.required where members[name] == nil {
            errors.append(.required(Self.join(path, name)))
        }
        for name in members.keys.sorted() {
            guard let value = members[name] else { continue }
            if let property = schema.properties[name] {
                validate(value, against: property, path: Self.join(path, name))
            } else if let additional = schema.additionalProperties {
                validate(value, against: additional, path: Self.join(path, name))
            }
        }
    }

    static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private mutating func checkType(_ value: JSONValue, _ schema: StructuralSchema, _ path: String) -> Bool {
        if schema.isIntOrString {
            if value.integer != nil || value.string != nil { return true }
            errors.append(.typeInvalid(path, actual: value.typeName, expected: "integer,string"))
            return false
        }
        guard let type = schema.type else { return true }
        if Self.conforms(value, to: type) { return true }
        errors.append(.typeInvalid(path, actual: value.typeName, expected: type))
        return false
    }

    static func conforms(_ value: JSONValue, to type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("integer", .integer),
            ("number", .integer), ("number", .number):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }
}

// MARK: - Constraints

extension SchemaValidator {
    private mutating func check(_ value: JSONValue, _ constraints: SchemaConstraints, _ path: String) {
        if let allowed = constraints.enumeration, !allowed.contains(value) {
            errors.append(.notSupported(path, value, supported: allowed))
        }
        switch value {
        case .string(let text): checkString(text, constraints, path)
        case .integer(let number): checkNumber(Double(number), value, constraints, path)
        case .number(let number): checkNumber(number, value, constraints, path)
        case .array(let elements): checkCount(elements.count, constraints, path)
        case .object(let members): checkMembers(members.count, constraints, path)
        default: break
        }
        checkJunctors(value, constraints, path)
    }

    private mutating func checkString(_ text: String, _ constraints: SchemaConstraints, _ path: String) {
        let length = Int64(text.unicodeScalars.count)
        if let limit = constraints.maxLength, length > limit { errors.append(.tooLong(path, limit: limit)) }
        if let limit = constraints.minLength, length < limit {
            errors.append(.invalid(path, .string(text), "\(path) in body should be at least \(limit) chars long"))
        }
        if let pattern = constraints.pattern, !RegularExpressions.shared.matches(pattern, text) {
            errors.append(.invalid(path, .string(text), "\(path) in body should match '\(pattern)'"))
        }
        if let format = constraints.format, !StringFormat.isValid(text, format: format) {
            errors.append(
                .invalid(
                    path,
                    .string(text),
                    "\(path) in body must be of type \(format): \(JSONSerializer().string(.string(text)))"
                )
            )
        }
    }

    private mutating func checkNumber(
        _ number: Double,
        _ value: JSONValue,
        _ constraints: SchemaConstraints,
        _ path: String
    ) {
        func double(_ bound: JSONValue?) -> Double? {
            switch bound {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
        func text(_ bound: JSONValue?) -> String { bound.map { JSONSerializer().string($0) } ?? "" }
        if let bound = double(constraints.maximum), constraints.exclusiveMaximum ? number >= bound : number > bound {
            let words = constraints.exclusiveMaximum ? "less than" : "less than or equal to"
            errors.append(.invalid(path, value, "\(path) in body should be \(words) \(text(constraints.maximum))"))
        }
        if let bound = double(constraints.minimum), constraints.exclusiveMinimum ? number <= bound : number < bound {
            let words = constraints.exclusiveMinimum ? "greater than" : "greater than or equal to"
            errors.append(.invalid(path, value, "\(path) in body should be \(words) \(text(constraints.minimum))"))
        }
        if let factor = double(constraints.multipleOf), factor > 0,
            (number / factor) != (number / factor).rounded()
        {
            errors.append(
                .invalid(path, value, "\(path) in body should be a multiple of \(text(constraints.multipleOf))")
            )
        }
        if let format = constraints.format, format == "int32", number < -2_147_483_648 || number > 2_147_483_647 {
            errors.append(.invalid(path, value, "\(path) in body must be of type int32: \(text(value))"))
        }
    }

    private mutating func checkCount(_ count: Int, _ constraints: SchemaConstraints, _ path: String) {
        if let limit = constraints.maxItems, count > limit { errors.append(.tooMany(path, count: count, limit: limit)) }
        if let limit = constraints.minItems, count < limit {
            errors.append(.invalid(path, .integer(Int64(count)), "\(path) in body should have at least \(limit) items"))
        }
    }

    private mutating func checkMembers(_ count: Int, _ constraints: SchemaConstraints, _ path: String) {
        if let limit = constraints.maxProperties, count > limit {
            errors.append(.tooMany(path, count: count, limit: limit))
        }
        if let limit = constraints.minProperties, count < limit {
            errors.append(
                .invalid(path, .integer(Int64(count)), "\(path) in body should have at least \(limit) properties")
            )
        }
    }

    private mutating func checkJunctors(_ value: JSONValue, _ constraints: SchemaConstraints, _ path: String) {
        for schema in constraints.allOf {
            var inner = SchemaValidator()
            inner.validate(value, against: schema, path: path)
            errors.append(contentsOf: inner.errors)
        }
        if !constraints.anyOf.isEmpty, !constraints.anyOf.contains(where: { Self.accepts(value, $0) }) {
            errors.append(.invalid(path, value, "\(path) in body must validate at least one schema (anyOf)"))
        }
        if !constraints.oneOf.isEmpty {
            let count = constraints.oneOf.count { Self.accepts(value, $0) }
            if count != 1 {
                let found = count == 0 ? "none valid" : "\(count) valid alternatives"
                errors.append(
                    .invalid(
                        path,
                        value,
                        "\(path) in body must validate one and only one schema (oneOf). Found \(found)"
                    )
                )
            }
        }
        if let not = constraints.not, Self.accepts(value, not) {
            errors.append(.invalid(path, value, "\(path) in body must not validate the schema (not)"))
        }
    }

    private static func accepts(_ value: JSONValue, _ schema: ValueSchema) -> Bool {
        var inner = SchemaValidator()
        inner.validate(value, against: schema, path: "")
        return inner.errors.isEmpty
    }

    private mutating func validate(_ value: JSONValue, against schema: ValueSchema, path: String) {
        if let type = schema.type, !Self.conforms(value, to: type) {
            errors.append(.typeInvalid(path, actual: value.typeName, expected: type))
            return
        }
        check(value, schema.constraints, path)
        if let members = value.object {
            for name in schema.required where members[name] == nil { errors.append(.required(Self.join(path, name))) }
            for (name, property) in schema.properties {
                if let value = members[name] { validate(value, against: property, path: Self.join(path, name)) }
            }
        }
        if let items = schema.items, let elements = value.array {
            for (index, element) in elements.enumerated() {
                validate(element, against: items, path: "\(path)[\(index)]")
            }
        }
    }
}
