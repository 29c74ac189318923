import JSONModel

/// The pods of the demo, and what a kubelet would report about them.
///
/// No node runs them: a scheduling gate keeps them pending on a real cluster, and their status is written here.
struct PodManifests: Sendable {
    let images: [DemoImage.Role: PublishedImage]
    let namespace: @Sendable (DemoImage.Team) -> String

    /// The pods, as one file for `kubectl apply`: JSON documents are YAML documents too.
    func documents(_ pods: [DemoPod]) -> String {
        let serializer = JSONSerializer(isPretty: true)
        return pods.map { "---\n" + serializer.string(manifest($0)) + "\n" }.joined()
    }

    private func manifest(_ pod: DemoPod) -> JSONValue {
        var initContainers: [JSONValue] = []
        if let role = pod.initContainer { initContainers.append(container(role)) }
        if let role = pod.sidecar { initContainers.append(container(role, restartPolicy: "Always")) }
        var spec: [String: JSONValue] = [
            "schedulingGates": [["name": "vigil.dev/demo"]],
            "containers": .array(pod.containers.map { container($0) }),
        ]
        if pod.hasPullSecret { spec["imagePullSecrets"] = [["name": .string(PullSecretManifest.name)]] }
        if !initContainers.isEmpty { spec["initContainers"] = .array(initContainers) }
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(pod.name), "namespace": .string(namespace(pod.team)),
                "labels": ["app": .string(pod.containers.first?.rawValue ?? pod.name)],
            ],
            "spec": .object(spec),
        ]
    }

    private func container(_ role: DemoImage.Role, restartPolicy: String? = nil) -> JSONValue {
        var container: [String: JSONValue] = [
            "name": .string(role.rawValue), "image": .string(images[role]?.tagged ?? ""),
        ]
        if let restartPolicy { container["restartPolicy"] = .string(restartPolicy) }
        return .object(container)
    }

    /// The status that a kubelet writes once the containers of the pod run.
    ///
    /// `startedAt` is a time of RFC 3339.
    func runningStatus(of pod: DemoPod, startedAt: String) -> JSONValue {
        var initStatuses: [JSONValue] = []
        if let role = pod.initContainer {
            let ended: JSONValue = [
                "terminated": [
                    "exitCode": 0, "reason": "Completed", "startedAt": .string(startedAt),
                    "finishedAt": .string(startedAt),
                ]
            ]
            initStatuses.append(status(role, state: ended, isStarted: false))
        }
        let running: JSONValue = ["running": ["startedAt": .string(startedAt)]]
        if let role = pod.sidecar { initStatuses.append(status(role, state: running, isStarted: true)) }
        var status: [String: JSONValue] = [
            "phase": "Running", "startTime": .string(startedAt),
            "conditions": [["type": "Ready", "status": "True"]],
            "containerStatuses": .array(pod.containers.map { self.status($0, state: running, isStarted: true) }),
        ]
        if !initStatuses.isEmpty { status["initContainerStatuses"] = .array(initStatuses) }
        return ["status": .object(status)]
    }

    private func status(_ role: DemoImage.Role, state: JSONValue, isStarted: Bool) -> JSONValue {
        [
            "name": .string(role.rawValue),
            "image": .string(images[role]?.tagged ?? ""),
            "imageID": .string(images[role]?.imageID ?? ""),
            "containerID": .string("containerd://demo-\(role.rawValue)"),
            "ready": true, "started": .bool(isStarted), "restartCount": 0,
            "state": state,
        ]
    }
}
