import JSONModel
import Yams

extension KubeconfigReader {
    /// The extension of a cluster whose value credential programs are told (client-go `clientcmd/api`).
    private static let execExtensionName = "client.authentication.k8s.io/exec"
    /// An extension is a handful of settings; aliases could make much of little.
    private static let maximumExtensionValues = 1000

    /// The program of a user entry.
    func exec(
        _ node: Node.Mapping,
        _ what: String
    ) throws(ClusterConfigurationError) -> KubeconfigDocument.Exec {
        var exec = KubeconfigDocument.Exec()
        exec.command = try string(node, "command")
        exec.arguments = try strings(node["args"], "\(what): exec.args")
        exec.apiVersion = try string(node, "apiVersion")
        exec.installHint = try string(node, "installHint")
        exec.provideClusterInfo = try bool(node, "provideClusterInfo", what)
        exec.interactiveMode = try string(node, "interactiveMode")
        guard let list = node["env"], !Self.isNull(list) else { return exec }
        guard let items = list.sequence else { throw malformed("says something else than a list in \(what): exec.env") }
        for item in items {
            let variable = try mapping(item, "\(what): exec.env")
            guard let name = try string(variable, "name"), !name.contains("="), !name.contains("\0") else {
                throw malformed("has an entry without a usable name in \(what): exec.env")
            }
            exec.environment.append((name, try string(variable, "value") ?? ""))
        }
        return exec
    }

    /// What credential programs are told beyond the cluster's own settings.
    func execExtension(
        _ cluster: Node.Mapping,
        _ what: String
    ) throws(ClusterConfigurationError) -> JSONValue? {
        guard let list = cluster["extensions"], !Self.isNull(list) else { return nil }
        guard let items = list.sequence else {
            throw malformed("says something else than a list in \(what): extensions")
        }
        for item in items {
            let entry = try mapping(item, "\(what): extensions")
            guard try string(entry, "name") == Self.execExtensionName, let value = entry["extension"] else { continue }
            var budget = Self.maximumExtensionValues
            guard let json = Self.json(value, depth: 0, &budget) else {
                throw malformed("has an extension \(Self.execExtensionName) in \(what) that is too large or no JSON")
            }
            return json
        }
        return nil
    }

    /// A node as JSON; `nil` when it is too large, too deep, or has a key that is no text.
    ///
    /// Plain scalars are read as JSON has them, so `no` stays a text.
    private static func json(_ node: Node, depth: Int, _ budget: inout Int) -> JSONValue? {
        budget -= 1
        guard budget >= 0, depth < 16 else { return nil }
        if let mapping = node.mapping {
            var members: [String: JSONValue] = [:]
            for (key, value) in mapping {
                guard let key = key.scalar?.string, let value = json(value, depth: depth + 1, &budget) else {
                    return nil
                }
                members[key] = value
            }
            return .object(members)
        }
        if let sequence = node.sequence {
            var elements: [JSONValue] = []
            for item in sequence {
                guard let element = json(item, depth: depth + 1, &budget) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        }
        return node.scalar.map(scalar)
    }

    private static func scalar(_ scalar: Node.Scalar) -> JSONValue {
        let text = scalar.string
        guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let number = try? JSONParser().parse(Array(text.utf8)), number.integer != nil || number.typeName == "number"
        {
            return number
        }
        return .string(text)
    }
}
