internal import JSONModel

/// core/v1 and events.k8s.io/v1 are two views of one stored Event (kubernetes.md §5.1).
///
/// The store keeps core/v1.
enum EventConversion {
    private static let pairs: [(core: String, events: String)] = [
        ("involvedObject", "regarding"), ("reportingComponent", "reportingController"), ("message", "note"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ]

    static func eventsV1(_ core: JSONValue) -> JSONValue {
        var event = renamed(core, pairs.map { ($0.core, $0.events) })
        event.set("apiVersion", "events.k8s.io/v1")
        return event
    }

    static func coreV1(_ events: JSONValue) -> JSONValue {
        var event = renamed(events, pairs.map { ($0.events, $0.core) })
        event.set("apiVersion", "v1")
        return event
    }

    private static func renamed(_ event: JSONValue, _ names: [(from: String, to: String)]) -> JSONValue {
        guard var members = event.object else { return event }
        for (from, to) in names {
            if let value = members.removeValue(forKey: from) { members[to] = value }
        }
        return .object(members)
    }

    /// The members that the stored form always has.
    static func fillDefaults(_ core: JSONValue) -> JSONValue {
        var event = core
        if event["source"] == nil { event.set("source", [:]) }
        for time in ["firstTimestamp", "lastTimestamp", "eventTime"] where event[time] == nil { event.set(time, .null) }
        for text in ["reportingComponent", "reportingInstance"] where event[text] == nil { event.set(text, "") }
        return event
    }
}
