internal import JSONModel

/// The shapes that decoding of built-in kinds insists on, for the fields that clients get wrong.
enum BuiltinDecoding {
    private static let microTimes: [GroupResource: [[String]]] = [
        .leases: [["spec", "acquireTime"], ["spec", "renewTime"]],
        .events: [["eventTime"], ["series", "lastObservedTime"]],
    ]
    private static let times: [GroupResource: [[String]]] = [
        .events: [["firstTimestamp"], ["lastTimestamp"]]
    ]
    private static let numbers: [GroupResource: [[String]]] = [
        .leases: [["spec", "leaseDurationSeconds"], ["spec", "leaseTransitions"]],
        .events: [["count"], ["series", "count"]],
    ]
    private static let objects = [
        "spec", "status", "data", "binaryData", "stringData", "involvedObject", "series", "related", "source",
    ]

    static func check(_ object: JSONValue, _ kind: ResourceKind) throws(APIFailure) {
        func refuse(_ why: String) -> APIFailure {
            .badRequest("\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(why)")
        }
        for member in objects {
            if let value = object[member], value.object == nil, !value.isNull {
                throw refuse("json: cannot unmarshal \(value.typeName) into Go struct field \(kind.kind).\(member)")
            }
        }
        for path in microTimes[kind.stored] ?? [] {
            if let problem = problem(object.value(path: path), fraction: ".000000") { throw refuse(problem) }
        }
        for path in times[kind.stored] ?? [] {
            if let problem = problem(object.value(path: path), fraction: "") { throw refuse(problem) }
        }
        for path in numbers[kind.stored] ?? [] {
            guard let value = object.value(path: path), !value.isNull, value.integer == nil else { continue }
            throw refuse(
                "json: cannot unmarshal \(value.typeName) into Go struct field "
                    + ".\(path.joined(separator: ".")) of type int32"
            )
        }
        for member in ["data", "stringData"] {
            for (key, value) in object[member]?.object ?? [:] where value.string == nil && !value.isNull {
                throw refuse(
                    "json: cannot unmarshal \(value.typeName) into Go struct field "
                        + "\(kind.kind).\(member).\(key) of type string"
                )
            }
        }
    }

    /// What Go's time parser says about a text that is no time of the layout; a `MicroTime` has exactly six digits.
    private static func problem(_ value: JSONValue?, fraction: String) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else {
            return "json: cannot unmarshal \(value.typeName) into Go value of type string"
        }
        let layout = "2006-01-02T15:04:05\(fraction)Z07:00"
        func words(_ rest: some StringProtocol, _ part: String) -> String {
            "parsing time \"\(text)\" as \"\(layout)\": cannot parse \"\(rest)\" as \"\(part)\""
        }
        if text.prefix(4).count < 4 || Int(text.prefix(4)) == nil { return words(text, "2006") }
        guard Timestamps.parse(text) != nil else { return words(text.dropFirst(4), "-") }
        guard !fraction.isEmpty else { return nil }
        let rest = text.dropFirst(19)
        let digits = rest.dropFirst().prefix { ("0"..."9").contains($0) }
        if rest.first != "." || digits.count < 6 { return words(rest, fraction) }
        if digits.count > 6 { return words(rest.dropFirst(7), "Z07:00") }
        return nil
    }
}
