import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import TrustResources

/// What a scenario leaves behind, without what differs between any two runs: uids, versions, times, who reported.
struct GoldenState: Sendable, Equatable {
    /// The operators' objects by kind and name, as text.
    var objects: [String: String]
    /// Which Events there are: of what, why, and how often each.
    var events: [String: Int]

    /// Reads the state of a world.
    static func read(_ world: OperatorWorld) async throws -> GoldenState {
        let selection = ObjectSelection(namespace: world.namespace)
        var objects: [String: String] = [:]
        for one in try await world.client.resource(ImageVerification.self).list(selection).items {
            objects["ImageVerification \(one.metadata.name)"] = try text(one)
        }
        for one in try await world.client.resource(TrustPolicy.self).list(selection).items {
            objects["TrustPolicy \(one.metadata.name)"] = try text(one)
        }
        var events: [String: Int] = [:]
        for event in try await world.client.resource(Event.self).list(selection).items {
            let regarding = event.regarding.map { "\($0.kind ?? "") \($0.name ?? "")" } ?? ""
            events["\(regarding): \(event.reason ?? "")", default: 0] += 1
        }
        return GoldenState(objects: objects, events: events)
    }

    /// What differs from another state, as sentences.
    func differences(from golden: GoldenState) -> [String] {
        var found: [String] = []
        for key in Set(objects.keys).union(golden.objects.keys).sorted() where objects[key] != golden.objects[key] {
            found.append("\(key): \(objects[key] ?? "absent") instead of \(golden.objects[key] ?? "absent")")
        }
        return found
    }

    private static func text(_ object: some Encodable) throws -> String {
        let value = try JSONParser().parse(Array(JSONEncoder().encode(object)))
        return String(decoding: JSONSerializer().bytes(normalised(value)), as: UTF8.self)
    }

    private static let personal: Set<String> = [
        "uid", "resourceVersion", "creationTimestamp", "managedFields", "generateName",
    ]

    private static func normalised(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            var result = members.filter { !personal.contains($0.key) }
            for (name, member) in result { result[name] = normalised(member) }
            return .object(result)
        case .array(let items):
            return .array(items.map(normalised))
        case .string(let text) where isTime(text):
            return .string("<time>")
        default:
            return value
        }
    }

    /// Whether a text is a moment as the API writes it.
    private static func isTime(_ text: String) -> Bool {
        text.count >= 20 && text.hasSuffix("Z") && text.prefix(4).allSatisfy(\.isNumber)
            && text.dropFirst(10).first == "T"
    }
}
