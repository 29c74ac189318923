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
            guard let requirement = try Self.requirement(part) else {
                throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            requirements.append(requirement)
        }
        // The text comes first: a selector that cannot be read is refused for that.
        for requirement in requirements where !SelectableFields.supports(requirement.field, kind: kind) {
            throw .badRequest(SelectableFields.refusal(requirement.field, kind: kind))
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
        if isEscaped { part.append("\\") }
        return parts + [part]
    }

    /// Cuts a term at its first operator (fields.splitTerm).
    private static func requirement(_ part: String) throws(APIFailure) -> Requirement? {
        guard let equals = part.firstIndex(of: "=") else { return nil }
        var field = part[..<equals]
        var value = part[equals...].dropFirst()
        let negated = field.hasSuffix("!")
        if negated {
            field = field.dropLast()
        } else if value.hasPrefix("=") {
            value = value.dropFirst()
        }
        return Requirement(field: String(field), value: try unescape(value), negated: negated)
    }

    /// Takes the backslashes off a value (fields.UnescapeValue).
    private static func unescape(_ text: Substring) throws(APIFailure) -> String {
        func refuse(_ why: String) -> APIFailure { .badRequest("invalid field selector: \(why)") }
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                guard ["\\", ",", "="].contains(scalar) else { throw refuse("invalid escape sequence: \\\(scalar)") }
                result.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "," || scalar == "=" {
                // Go prints the character's number.
                throw refuse("unescaped character in value: \(scalar.value)")
            } else {
                result.append(scalar)
            }
        }
        if isEscaped { throw refuse("invalid escape sequence: \\") }
        return String(result)
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
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        .events: [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "source", "type",
        ],
        .namespaces: ["status.phase"],
        GroupResource("", "secrets"): ["type"],
        GroupResource("", "nodes"): ["spec.unschedulable"],
        GroupResource("", "services"): ["spec.clusterIP", "spec.type"],
        GroupResource("", "replicationcontrollers"): ["status.replicas"],
        .jobs: ["status.successful"],
        GroupResource("certificates.k8s.io", "certificatesigningrequests"): ["spec.signerName"],
        GroupResource("resource.k8s.io", "resourceslices"): ["spec.driver", "spec.nodeName"],
        eventsV1: [
            "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion",
            "regarding.resourceVersion", "regarding.fieldPath", "reason", "reportingController", "type",
        ],
    ]
    private static let eventsV1 = GroupResource("events.k8s.io", "events")

    static func supports(_ field: String, kind: ResourceKind) -> Bool {
        if field == "metadata.namespace" { return selectsNamespace(kind) }
        if common.contains(field) || kind.custom?.selectableFields[field] != nil { return true }
        return perKind[kind.served]?.contains(field) ?? false
    }

    /// Kinds that say which fields they have leave the namespace out when they are in none; the others know no better.
    private static func selectsNamespace(_ kind: ResourceKind) -> Bool {
        kind.isNamespaced || (kind.custom == nil && kind.served != .namespaces && kind.served != .nodes)
    }

    /// How a field that cannot be selected by is refused: in the words of the kind's own conversion, or the common one.
    static func refusal(_ field: String, kind: ResourceKind) -> String {
        if kind.served == .jobs { return "field label \(PolicyRule.quoted(field)) not supported for Job" }
        if kind.custom != nil || perKind[kind.served] != nil { return "field label not supported: \(field)" }
        return "\(PolicyRule.quoted(field)) is not a known field selector: "
            + "only \"metadata.name\", \"metadata.namespace\""
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
