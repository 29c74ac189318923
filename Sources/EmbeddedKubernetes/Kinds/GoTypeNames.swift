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

    /// What Go's JSON decoder says of this value where `target` stands in its types: `struct field T.a of type int32`.
    func cannotUnmarshal(into target: String) -> String { "json: cannot unmarshal \(goTypeName) into Go \(target)" }
}
