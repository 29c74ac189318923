internal import JSONModel

/// A `fieldSelector` parameter: `metadata.name=web,status.phase!=Failed`.
struct FieldSelectorExpression: Sendable, Hashable {
    struct Requirement: Sendable, Hashable {
        var field: String
        var value: String
        var negated: Bool
    }

    let requirements: [Requirement]

    /// Reads a selector and checks that the kind can be selected by its fields.
    ///
    /// - Throws: a 400 ``APIFailure``.
    init(_ text: String, kind: ResourceKind) throws(APIFailure) {
        var requirements: [Requirement] = []
        for part in Self.split(text) where !part.isEmpty {
            guard let requirement = Self.requirement(part) else {
                throw .badRequest("invalid field selector: \(text.prefix(128)); can't understand '\(part.prefix(64))'")
            }
            guard SelectableFields.supports(requirement.field, kind: kind) else {
                throw .badRequest("field label not supported: \(requirement.field)")
            }
            requirements.append(requirement)
        }
        self.requirements = requirements
    }

    var isEverything: Bool { requirements.isEmpty }

    /// The only name that can match, if the selector names one.
    var exactName: String? { requirements.first { $0.field == "metadata.name" && !$0.negated }?.value }

    /// Cuts at commas that no backslash precedes.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                part.append("\\")
                part.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return parts + [part]
    }

    private static func requirement(_ part: String) -> Requirement? {
        for (word, negated) in [("!=", true), ("==", false), ("=", false)] {
            guard let range = part.firstRange(of: word) else { continue }
            let value = unescape(part[range.upperBound...])
            return Requirement(field: String(part[..<range.lowerBound]), value: value, negated: negated)
        }
        return nil
    }

    private static func unescape(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }

    func matches(_ object: JSONValue, kind: ResourceKind) -> Bool {
        requirements.allSatisfy { requirement in
            (SelectableFields.value(requirement.field, in: object, kind: kind) == requirement.value)
                != requirement.negated
        }
    }
}

/// Which fields of which kinds selectors may name.
enum SelectableFields {
    private static let common: Set<String> = ["metadata.name", "metadata.namespace"]
    private static let perKind: [GroupResource: Set<String>] = [
        .pods: [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.nominatedNodeName",
        ],
        .events: [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "source", "type",
        ],
        .namespaces: ["status.phase"],
        GroupResource("", "secrets"): ["type"],
        GroupResource("", "nodes"): ["spec.unschedulable"],
        GroupResource("batch", "jobs"): ["status.successful"],
        GroupResource("apps", "replicasets"): ["status.replicas"],
    ]

    static func supports(_ field: String, kind: ResourceKind) -> Bool {
        if common.contains(field) || kind.custom?.selectableFields[field] != nil { return true }
        if kind.served == GroupResource("events.k8s.io", "events") {
            return ["regarding", "reportingController", "reason", "type", "involvedObject"].contains {
                field == $0 || field.hasPrefix($0 + ".")
            }
        }
        return perKind[kind.stored]?.contains(field) ?? false
    }

    /// The field as selectors compare it: a missing one is empty.
    ///
    /// Events are selected in their core/v1 form.
    static func value(_ field: String, in object: JSONValue, kind: ResourceKind) -> String {
        if let path = kind.custom?.selectableFields[field] { return text(path.values(in: object).first) }
        var path = field.split(separator: ".").map(String.init)
        if kind.stored == .events {
            if path.first == "regarding" { path[0] = "involvedObject" }
            if path.first == "reportingController" { path[0] = "reportingComponent" }
            if field == "source" {
                return text(object.value(at: "source", "component") ?? object["reportingComponent"])
            }
        }
        return text(object.value(path: path))
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let truth): String(truth)
        default: ""
        }
    }
}
