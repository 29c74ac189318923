internal import JSONModel

extension JSONValue {
    /// What Go's JSON decoder calls this kind of value in its errors.
    var goTypeName: String {
        switch self {
        case .bool: "bool"
        case .integer, .number: "number"
        default: typeName
        }
    }
}
