internal import JSONModel
internal import Yams

/// Reads YAML bodies as JSON, as sigs.k8s.io/yaml does: one document, keys become text, an alias counts as what it
/// stands for.
struct YAMLBody {
    /// What cannot be read, as a sentence.
    struct Problem: Error {
        var message: String

        init(_ message: String) { self.message = message }
    }

    private static let maximumDepth = 128
    private var remainingValues = 200_000

    private init() {}

    /// The one document of `body`.
    static func parse(_ body: [UInt8]) throws(Problem) -> JSONValue {
        guard let text = String(validating: body, as: UTF8.self) else { throw Problem("yaml: invalid UTF-8") }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw Problem("yaml: \(error)")
        }
        guard let node else { return .null }
        var reader = YAMLBody()
        return try reader.value(node, depth: 0)
    }

    private mutating func value(_ node: Node, depth: Int) throws(Problem) -> JSONValue {
        remainingValues -= 1
        guard remainingValues >= 0 else { throw Problem("yaml: document contains excessive aliasing") }
        guard depth <= Self.maximumDepth else { throw Problem("yaml: exceeded max depth of \(Self.maximumDepth)") }
        switch node {
        case .scalar: return try Self.scalar(node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping): return .object(try members(mapping, depth: depth))
        case .alias: throw Problem("yaml: an alias leads nowhere")
        }
    }

    private mutating func members(_ mapping: Node.Mapping, depth: Int) throws(Problem) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        var inherited: [String: JSONValue] = [:]
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key else { throw Problem("yaml: a key must be text") }
            if scalar.string == "<<", scalar.style == .plain {
                let bases: [Node] = if case .sequence(let list) = node { Array(list) } else { [node] }
                for base in bases {
                    guard let more = try value(base, depth: depth + 1).object else {
                        throw Problem("yaml: map merge requires map or sequence of maps as the value")
                    }
                    inherited.merge(more) { first, _ in first }
                }
                continue
            }
            guard members[scalar.string] == nil else {
                throw Problem("yaml: unmarshal errors: key \"\(scalar.string)\" already set in map")
            }
            members[scalar.string] = try value(node, depth: depth + 1)
        }
        return members.merging(inherited) { own, _ in own }
    }

    private static func scalar(_ node: Node) throws(Problem) -> JSONValue {
        let text = node.scalar?.string ?? ""
        switch node.tag.description {
        case "tag:yaml.org,2002:null": return .null
        case "tag:yaml.org,2002:bool": return node.bool.map(JSONValue.bool) ?? .string(text)
        case "tag:yaml.org,2002:int":
            if let number = node.int { return .integer(Int64(number)) }
            return Double(text).map(JSONValue.number) ?? .string(text)
        case "tag:yaml.org,2002:float":
            guard let number = node.float, number.isFinite else { throw Problem("yaml: \(text) is no JSON number") }
            return .number(number)
        default: return .string(text)
        }
    }
}
