internal import FoundationEssentials
internal import JSONModel

/// What `kubectl get events` shows; events are looked at in their core/v1 form.
enum EventColumns {
    static let all: [TableColumn] = [
        TableColumn(
            name: "Last Seen",
            description: "The time at which the most recent occurrence of this event was recorded."
        ) { event, now in TableColumn.age(lastSeen(event), now) },
        text("Type", "Type of this event (Normal, Warning), new types could be added in the future", ["type"]),
        text(
            "Reason",
            "This should be a short, machine understandable string that gives the reason for the transition into the "
                + "object's current status.",
            ["reason"]
        ),
        TableColumn(name: "Object", description: "The object that this event is about.") { event, _ in
            let kind = event.value(at: "involvedObject", "kind")?.string?.lowercased() ?? ""
            let name = event.value(at: "involvedObject", "name")?.string ?? ""
            return .string(name.isEmpty ? kind : "\(kind)/\(name)")
        },
        text(
            "Subobject",
            "If referring to a piece of an object instead of an entire object, this should contain a valid JSON/Go "
                + "field access statement.",
            ["involvedObject", "fieldPath"],
            priority: 1
        ),
        TableColumn(
            name: "Source",
            description: "The component reporting this event. Should be a short machine understandable string.",
            priority: 1
        ) { event, _ in .string(source(event)) },
        TableColumn(
            name: "Message",
            description: "A human-readable description of the status of this operation."
        ) { event, _ in
            let text = event["message"]?.string ?? ""
            return .string(
                text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed().map(String.init)
                    .joined()
            )
        },
        TableColumn(
            name: "First Seen",
            description: "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)",
            priority: 1
        ) { event, now in
            TableColumn.age(event["firstTimestamp"].flatMap(\.string).map(JSONValue.string) ?? event["eventTime"], now)
        },
        TableColumn(
            name: "Count",
            description: "The number of times this event has occurred.",
            priority: 1
        ) { event, _ in .integer(event.value(at: "series", "count")?.integer ?? max(1, event["count"]?.integer ?? 1)) },
        TableColumn(
            name: "Name",
            format: "name",
            description: TableColumn.name.description,
            priority: 1
        ) { event, _ in event.value(at: "metadata", "name") ?? "" },
    ]

    private static func text(_ name: String, _ description: String, _ path: [String], priority: Int64 = 0)
        -> TableColumn
    {
        TableColumn(name: name, description: description, priority: priority) { event, _ in
            event.value(path: path) ?? ""
        }
    }

    private static func lastSeen(_ event: JSONValue) -> JSONValue? {
        if let observed = event.value(at: "series", "lastObservedTime"), observed.string != nil { return observed }
        if let last = event["lastTimestamp"], last.string != nil { return last }
        return event["eventTime"]
    }

    private static func source(_ event: JSONValue) -> String {
        if let component = event.value(at: "source", "component")?.string, !component.isEmpty {
            let host = event.value(at: "source", "host")?.string ?? ""
            return host.isEmpty ? component : "\(component), \(host)"
        }
        let controller = event["reportingComponent"]?.string ?? ""
        let instance = event["reportingInstance"]?.string ?? ""
        return instance.isEmpty ? controller : "\(controller), \(instance)"
    }
}
