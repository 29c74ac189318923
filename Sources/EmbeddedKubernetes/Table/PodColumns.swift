internal import FoundationEssentials
internal import JSONModel

/// What `kubectl get pods` shows.
enum PodColumns {
    static let all: [TableColumn] = [
        .name,
        TableColumn(
            name: "Ready",
            description: "The aggregate readiness state of this pod for accepting traffic."
        ) { pod, _ in .string(ready(pod)) },
        TableColumn(
            name: "Status",
            description: "The aggregate status of the containers in this pod."
        ) { pod, _ in .string(status(pod)) },
        TableColumn(
            name: "Restarts",
            description:
                "The number of times the containers in this pod have been restarted and when the last container in "
                + "this pod has restarted."
        ) { pod, _ in .string(String(restarts(pod))) },
        .age,
        .member("IP", ["status", "podIP"], priority: 1),
        .member("Node", ["spec", "nodeName"], priority: 1),
        .member("Nominated Node", ["status", "nominatedNodeName"], priority: 1),
        TableColumn(
            name: "Readiness Gates",
            description: "If specified, all readiness gates will be evaluated for pod readiness.",
            priority: 1
        ) { pod, _ in
            let gates = pod.value(at: "spec", "readinessGates")?.array ?? []
            guard !gates.isEmpty else { return "<none>" }
            let met = gates.count { gate in
                JSONPathList.conditionStatus(pod, gate["conditionType"]?.string ?? "") == "True"
            }
            return .string("\(met)/\(gates.count)")
        },
    ]

    private static func statuses(_ pod: JSONValue, _ list: String) -> [JSONValue] {
        pod.value(at: "status", list)?.array ?? []
    }

    private static func ready(_ pod: JSONValue) -> String {
        let total = pod.value(at: "spec", "containers")?.array?.count ?? 0
        let ready = statuses(pod, "containerStatuses").count {
            $0["ready"]?.bool == true && $0.value(at: "state", "running") != nil
        }
        return "\(ready)/\(total)"
    }

    private static func restarts(_ pod: JSONValue) -> Int64 {
        statuses(pod, "containerStatuses").reduce(0) { $0 &+ ($1["restartCount"]?.integer ?? 0) }
    }

    /// The reason nearest to the truth: an init container's, then the last container's, then the phase.
    static func status(_ pod: JSONValue) -> String {
        if pod.value(at: "metadata", "deletionTimestamp") != nil { return "Terminating" }
        var reason = pod.value(at: "status", "reason")?.string ?? pod.value(at: "status", "phase")?.string ?? ""
        let initStatuses = statuses(pod, "initContainerStatuses")
        let initTotal = pod.value(at: "spec", "initContainers")?.array?.count ?? 0
        for (index, status) in initStatuses.enumerated() {
            if let terminated = status.value(at: "state", "terminated") {
                if terminated["exitCode"]?.integer == 0 { continue }
                return "Init:" + (terminated["reason"]?.string ?? "ExitCode:\(terminated["exitCode"]?.integer ?? 0)")
            }
            if let waiting = status.value(at: "state", "waiting", "reason")?.string, waiting != "PodInitializing" {
                return "Init:\(waiting)"
            }
            return "Init:\(index)/\(initTotal)"
        }
        var hasRunning = false
        for status in statuses(pod, "containerStatuses").reversed() {
            if let waiting = status.value(at: "state", "waiting", "reason")?.string, !waiting.isEmpty {
                reason = waiting
            } else if let terminated = status.value(at: "state", "terminated") {
                reason = terminated["reason"]?.string ?? "ExitCode:\(terminated["exitCode"]?.integer ?? 0)"
            } else if status["ready"]?.bool == true, status.value(at: "state", "running") != nil {
                hasRunning = true
            }
        }
        if reason == "Completed", hasRunning { return "Running" }
        return reason
    }
}
