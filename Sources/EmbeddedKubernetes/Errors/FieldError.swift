internal import JSONModel

/// One thing wrong with one field, worded as the API server words it.
struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
    enum Kind: String, Sendable, Hashable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case typeInvalid = "FieldValueTypeInvalid"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case forbidden = "FieldValueForbidden"
        case notFound = "FieldValueNotFound"
    }

    var kind: Kind
    /// The path (`spec.keys[1]`); `<nil>` for the object as a whole.
    var field: String
    var message: String

    var description: String { "\(field): \(message)" }
    var cause: APIFailure.Cause { .init(reason: kind.rawValue, message: message, field: field) }

    /// Whether expressions may not run on an object with this error: its shape cannot be relied on.
    var blocksExpressions: Bool {
        switch kind {
        case .required, .typeInvalid, .notSupported, .tooLong, .tooMany: true
        case .invalid, .duplicate, .forbidden, .notFound: false
        }
    }
}

extension FieldError {
    static func required(_ field: String, _ detail: String = "") -> FieldError {
        FieldError(
            kind: .required,
            field: field,
            message: detail.isEmpty ? "Required value" : "Required value: \(detail)"
        )
    }

    static func invalid(_ field: String, _ value: JSONValue, _ detail: String) -> FieldError {
        FieldError(kind: .invalid, field: field, message: "Invalid value: \(JSONSerializer().string(value)): \(detail)")
    }

    /// As ``invalid(_:_:_:)`` for a value that is not repeated in the message.
    static func invalid(_ field: String, _ detail: String) -> FieldError {
        FieldError(kind: .invalid, field: field, message: "Invalid value: \(detail)")
    }

    static func typeInvalid(_ field: String, actual: String, expected: String) -> FieldError {
        FieldError(
            kind: .typeInvalid,
            field: field,
            message: "Invalid value: \"\(actual)\": \(field) in body must be of type \(expected): \"\(actual)\""
        )
    }

    static func notSupported(_ field: String, _ value: JSONValue, supported: [JSONValue]) -> FieldError {
        let list = supported.map { value in
            // Enumerations of numbers are listed as strings too.
            value.string.map { "\"\($0)\"" } ?? "\"\(JSONSerializer().string(value))\""
        }
        return FieldError(
            kind: .notSupported,
            field: field,
            message:
                "Unsupported value: \(JSONSerializer().string(value)): "
                + "supported values: \(list.joined(separator: ", "))"
        )
    }

    static func duplicate(_ field: String, _ value: JSONValue) -> FieldError {
        FieldError(kind: .duplicate, field: field, message: "Duplicate value: \(JSONSerializer().string(value))")
    }

    static func tooLong(_ field: String, limit: Int64) -> FieldError {
        FieldError(kind: .tooLong, field: field, message: "Too long: may not be more than \(limit) bytes")
    }

    static func tooMany(_ field: String, count: Int, limit: Int64) -> FieldError {
        FieldError(kind: .tooMany, field: field, message: "Too many: \(count): must have at most \(limit) items")
    }

    static func forbidden(_ field: String, _ detail: String) -> FieldError {
        FieldError(kind: .forbidden, field: field, message: "Forbidden: \(detail)")
    }

    static let expressionsNotChecked = FieldError(
        kind: .invalid,
        field: "<nil>",
        message: "Invalid value: null: some validation rules were not checked because the object was invalid; "
            + "correct the existing errors to complete validation"
    )
}
