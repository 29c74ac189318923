import FoundationEssentials
import JSONModel

/// Compares an answer with a recorded one, apart from what differs from run to run.
struct TraceComparison {
    private(set) var differences: [String] = []

    /// Members whose values are the server's own choice, but not whether they are there.
    private static let volatile: Set<String> = ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp"]

    mutating func compare(_ recorded: JSONValue, _ own: JSONValue, at path: String = "") {
        switch (recorded, own) {
        case (.object(let left), .object(let right)): members(left, right, path)
        case (.array(let left), .array(let right)):
            if path.hasSuffix(".causes") {
                if Set(left) != Set(right) { note(path, recorded, own) }
                return
            }
            if path.hasSuffix(".managedFields"), left.count == right.count {
                for (first, second) in zip(Self.byManager(left), Self.byManager(right)) {
                    compare(first, second, at: "\(path)[\(first["manager"]?.string ?? "")]")
                }
                return
            }
            // Rules are found in the order of a hash table.
            if path.hasSuffix("ourceRules"), Set(left) == Set(right) { return }
            guard left.count == right.count else {
                note(path, recorded, own)
                return
            }
            for (index, pair) in zip(left, right).enumerated() { compare(pair.0, pair.1, at: "\(path)[\(index)]") }
        default: scalar(recorded, own, path)
        }
    }

    /// Entries are sorted by time, which differs from run to run.
    private static func byManager(_ entries: [JSONValue]) -> [JSONValue] {
        func key(_ entry: JSONValue) -> String {
            ["manager", "operation", "subresource"].map { entry[$0]?.string ?? "" }.joined(separator: " ")
        }
        return entries.sorted { key($0) < key($1) }
    }

    private mutating func members(_ left: [String: JSONValue], _ right: [String: JSONValue], _ path: String) {
        for name in Set(left.keys).union(right.keys).sorted() {
            let at = "\(path).\(name)"
            if Self.volatile.contains(name) {
                if (left[name] == nil) != (right[name] == nil) {
                    differences.append("\(at): \(left[name] == nil ? "not recorded" : "missing")")
                }
                continue
            }
            if isIgnored(name, at, left[name]) { continue }
            guard let recorded = left[name] else {
                differences.append("\(at): unexpected \(text(right[name]))")
                continue
            }
            guard let own = right[name] else {
                differences.append("\(at): missing, recorded \(text(recorded))")
                continue
            }
            compare(recorded, own, at: at)
        }
    }

    private func isIgnored(_ name: String, _ path: String, _ recorded: JSONValue?) -> Bool {
        // Conditions of definitions carry the server's time; those of other objects what the client sent.
        if name == "lastTransitionTime", path.contains("status.conditions"), path.contains("CRD") { return true }
        if name == "serverAddress" || name == "storageVersionHash" { return true }
        if name == "time", path.contains(".managedFields") { return true }
        if path.contains(".columnDefinitions"), name == "description" {
            let text = recorded?.string ?? ""
            return !["Custom resource", "Name must be", "CreationTimestamp is"].contains { text.hasPrefix($0) }
        }
        return false
    }

    private mutating func scalar(_ recorded: JSONValue, _ own: JSONValue, _ path: String) {
        if recorded == own { return }
        if let left = recorded.string, let right = own.string {
            if path == ".status.expirationTimestamp" { return }
            if path == ".status.token" {
                tokens(left, right, path)
                return
            }
            if path.contains(".cells["), Self.kind(ofCell: left) != nil,
                Self.kind(ofCell: left) == Self.kind(ofCell: right)
            {
                return
            }
            // The order of several errors is that of a hash table.
            if path.hasSuffix(".message"), left.contains(" is invalid: ["), sortedParts(left) == sortedParts(right) {
                return
            }
        }
        note(path, recorded, own)
    }

    /// Two JWTs: the same claims, the same values where the server does not choose them.
    private mutating func tokens(_ recorded: String, _ own: String, _ path: String) {
        guard let left = Self.claims(recorded), let right = Self.claims(own) else {
            note(path, .string(recorded), .string(own))
            return
        }
        for name in Set(left.keys).union(right.keys).sorted() {
            let isChosen = ["exp", "iat", "nbf", "jti"].contains(name) && left[name] != nil && right[name] != nil
            if !isChosen { compare(left[name] ?? .null, right[name] ?? .null, at: "\(path).\(name)") }
        }
    }

    private static func claims(_ token: String) -> [String: JSONValue]? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: String(text)).flatMap { try? JSONParser().parse(Array($0)) }?.object
    }

    private func sortedParts(_ message: String) -> [String] {
        message.replacing("[", with: ", ").replacing("]", with: ", ").split(separator: ", ").map(String.init).sorted()
    }

    /// Ages and times differ from run to run.
    private static func kind(ofCell text: String) -> String? {
        if text.count == 20, text.hasSuffix("Z"), text.contains("T") { return "time" }
        let isAge =
            !text.isEmpty && text.allSatisfy { $0.isNumber || "smhdy".contains($0) } && text.last?.isLetter == true
        return isAge ? "age" : nil
    }

    private func text(_ value: JSONValue?) -> String {
        let text = value.map { JSONSerializer().string($0) } ?? "nothing"
        return text.count > 300 ? "\(text.prefix(300))…" : text
    }

    private mutating func note(_ path: String, _ recorded: JSONValue, _ own: JSONValue) {
        differences.append("\(path): recorded \(text(recorded)), answered \(text(own))")
    }
}
