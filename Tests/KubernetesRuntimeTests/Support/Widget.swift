import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Synchronization
import TestTiming

/// A kind that exists in these tests only.
struct Widget: KubernetesObject {
    static let resource = ResourceType(
        group: "example.com",
        version: "v1",
        plural: "widgets",
        kind: "Widget",
        isNamespaced: true
    )

    struct Specification: Codable, Sendable {
        var color: String
    }

    var metadata: ObjectMeta
    var spec: Specification
}

enum WidgetJSON {
    static func object(_ name: String, _ version: Int, color: String = "red", uid: String? = nil) -> String {
        """
        {"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"\(name)","namespace":"shop",\
        "uid":"\(uid ?? "uid-" + name)","resourceVersion":"\(version)"},"spec":{"color":"\(color)"}}
        """
    }

    static func line(_ type: String, _ name: String, _ version: Int, color: String = "red", uid: String? = nil)
        -> String
    {
        "{\"type\":\"\(type)\",\"object\":\(object(name, version, color: color, uid: uid))}\n"
    }

    static func bookmark(_ version: Int, ends: Bool = false) -> String {
        let annotations = ends ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
        return """
            {"type":"BOOKMARK","object":{"kind":"Widget","apiVersion":"example.com/v1","metadata":\
            {"resourceVersion":"\(version)","creationTimestamp":null\(annotations)}}}

            """
    }

    static func error(_ code: Int, _ reason: String) -> String {
        "{\"type\":\"ERROR\",\"object\":\(status(code, reason))}\n"
    }

    static func status(_ code: Int, _ reason: String) -> String {
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"told so","reason":"\(reason)",\
        "code":\(code)}
        """
    }

    static func list(_ version: Int, _ objects: [String], next: String? = nil) -> String {
        let token = next.map { ",\"continue\":\"\($0)\"" } ?? ""
        return """
            {"kind":"WidgetList","apiVersion":"example.com/v1","metadata":{"resourceVersion":"\(version)"\(token)},\
            "items":[\(objects.joined(separator: ","))]}
            """
    }
}

/// Writes down what an informer tells, and lets a test wait for it.
final class ChangeLog: Sendable {
    private struct State {
        var lines: [String] = []
        var observers: [(Int, Latch)] = []
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    func append(_ change: InformerChange<String>) {
        let line =
            switch change {
            case .added(let object, let isInitial):
                "add \(object.key.name) \(object.value)\(isInitial ? " initial" : "")"
            case .updated(let old, let new): "update \(new.key.name) \(old.value)->\(new.value)"
            case .deleted(let last, let isUnknown):
                "delete \(last.key.name) \(last.value)\(isUnknown ? " unknown" : "")"
            }
        append(line)
    }

    func append(_ line: String) {
        let ready = state.withLock { state in
            state.lines.append(line)
            let count = state.lines.count
            let ready = state.observers.filter { $0.0 <= count }.map(\.1)
            state.observers.removeAll { $0.0 <= count }
            return ready
        }
        for latch in ready { latch.open() }
    }

    /// Suspends until `count` changes were told, and returns them; when cancelled, those that were, filled up.
    func wait(for count: Int) async -> [String] {
        let latch = Latch()
        let isThere = state.withLock { state in
            if state.lines.count < count { state.observers.append((count, latch)) }
            return state.lines.count >= count
        }
        if !isThere { await latch.wait() }
        let lines = lines
        return lines + Array(repeating: "nothing", count: max(0, count - lines.count))
    }
}
