import Foundation
import JSONModel

/// Swift values to JSON values and back, the way they travel to an API server.
enum Coding {
    static func json(_ value: some Encodable) throws -> JSONValue {
        try JSONParser().parse(Array(JSONEncoder().encode(value)))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ json: JSONValue) throws -> Value {
        try JSONDecoder().decode(type, from: Data(JSONSerializer().bytes(json)))
    }
}
