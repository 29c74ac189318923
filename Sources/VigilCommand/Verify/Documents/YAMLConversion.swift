import BoundedYAML
import JSONModel
import Yams

/// Turns the nodes of a file into JSON values, counting every value, those behind aliases each time they are named.
struct YAMLConversion {
    private let maximumValues: Int
    private var remaining: Int

    init(maximumValues: Int) {
        self.maximumValues = maximumValues
        remaining = maximumValues
    }

    mutating func value(_ node: Node, depth: Int = 0) throws(YAMLProblem) -> JSONValue {
        remaining -= 1
        guard remaining >= 0 else {
            throw YAMLProblem(
                "there are more than \(maximumValues) values, counting those behind aliases",
                at: node
            )
        }
        guard depth <= InputLimits.valueDepth else {
            throw YAMLProblem("values are nested deeper than \(InputLimits.valueDepth) levels", at: node)
        }
        switch node {
        case .scalar(let scalar):
            return try Self.value(scalar, node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            return .object(try members(mapping, depth: depth))
        case .alias:
            throw YAMLProblem("an alias leads nowhere", at: node)
        }
    }

    private mutating func members(_ mapping: Node.Mapping, depth: Int) throws(YAMLProblem) -> [String: JSONValue] {
        var merged: [String: JSONValue] = [:]
        var members: [String: JSONValue] = [:]
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key else { throw YAMLProblem("a key must be text", at: key) }
            if scalar.string == "<<", scalar.style == .plain {
                // Of several merged mappings the first one wins (yaml.org/type/merge.html).
                for inherited in try inheritances(node, depth: depth) {
                    merged.merge(inherited) { first, _ in first }
                }
                continue
            }
            guard members.updateValue(try value(node, depth: depth + 1), forKey: scalar.string) == nil else {
                throw YAMLProblem(
                    "the key \"\(scalar.string.prefix(64))\" is written more than once; remove all but one",
                    at: key
                )
            }
        }
        return members.merging(merged) { own, _ in own }
    }

    private mutating func inheritances(_ node: Node, depth: Int) throws(YAMLProblem) -> [[String: JSONValue]] {
        let values: [JSONValue]
        switch try value(node, depth: depth + 1) {
        case .array(let elements): values = elements
        case let single: values = [single]
        }
        var inherited: [[String: JSONValue]] = []
        for value in values {
            guard let members = value.object else { throw YAMLProblem("<< can merge mappings only", at: node) }
            inherited.append(members)
        }
        return inherited
    }

    private static func value(_ scalar: Node.Scalar, _ node: Node) throws(YAMLProblem) -> JSONValue {
        // Only an explicit tag differs from the basic resolver's answer.
        switch node.tag.description {
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
            return YAMLScalar.resolve(scalar.string)
        case "tag:yaml.org,2002:binary":
            throw YAMLProblem("binary values (!!binary) are not read; write them as text", at: node)
        default:
            return scalar.style == .plain ? YAMLScalar.resolve(scalar.string) : .string(scalar.string)
        }
    }
}
