import JSONModel
import TestTiming

/// One step into a JSON value.
enum JSONPathStep: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case member(String)
    case element(Int)

    init(stringLiteral value: String) { self = .member(value) }
    init(integerLiteral value: Int) { self = .element(value) }
}

extension JSONValue {
    /// The value with another one at `path`, or without it.
    func setting(_ path: [JSONPathStep], to value: JSONValue?) -> JSONValue {
        guard let step = path.first else { return value ?? .null }
        let rest = Array(path.dropFirst())
        switch (step, self) {
        case (.member(let name), .object(var members)):
            members[name] = rest.isEmpty ? value : (members[name] ?? [:]).setting(rest, to: value)
            return .object(members)
        case (.element(let index), .array(var elements)) where elements.indices.contains(index):
            elements[index] = elements[index].setting(rest, to: value)
            return .array(elements)
        default: return self
        }
    }

    /// The value with one random place replaced, removed or repeated.
    func damaged(with random: inout SeededGenerator) -> JSONValue {
        switch self {
        case .object(var members) where !members.isEmpty && Int.random(in: 0..<6, using: &random) > 0:
            let key = members.keys.sorted()[Int.random(in: 0..<members.count, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: members[key] = nil
            case 1: members["x\(key)"] = members[key]
            default: members[key] = members[key]?.damaged(with: &random)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && Int.random(in: 0..<6, using: &random) > 0:
            let index = Int.random(in: 0..<elements.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            default: elements[index] = elements[index].damaged(with: &random)
            }
            return .array(elements)
        default:
            let others: [JSONValue] = [
                .null, true, 0, -1, 7, .number(1.5), "", "x", "strict", "*", "10s", [], [:], ["a"], ["name": "a"],
            ]
            return others[Int.random(in: 0..<others.count, using: &random)]
        }
    }
}
