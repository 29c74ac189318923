internal import FoundationEssentials
internal import JSONModel

/// What the API server itself fills into built-in objects.
///
/// Defaults are filled in when an object is read, and its writer comes to own them; more comes when it is admitted, and
/// nobody owns that.
enum BuiltinDefaults {
    /// The defaults of an object that was sent.
    static func apply(to object: JSONValue, old: JSONValue?, _ kind: ResourceKind, subresource: String) -> JSONValue {
        var object = object
        // Where status is a subresource, other writes cannot set it.
        if kind.hasStatus, subresource.isEmpty, kind.served != .customResourceDefinitions {
            object.set("status", old?["status"])
        }
        switch kind.stored {
        case .pods: return PodDefaults.apply(to: object)
        case .namespaces:
            object.set(
                path: ["metadata", "labels", "kubernetes.io/metadata.name"],
                object.value(at: "metadata", "name")
            )
            return object
        case .customResourceDefinitions:
            if old != nil, subresource.isEmpty { object.set("status", old?["status"]) }
            return CustomResourceDefinition.applyDefaults(object, isNew: old == nil)
        case .events: return EventConversion.fillDefaults(object)
        case .secrets: return secret(object)
        case .roleBindings, .clusterRoleBindings: return roleBinding(object)
        case GroupResource("apps", "deployments"), GroupResource("apps", "replicasets"),
            GroupResource("apps", "statefulsets"):
            if object.value(at: "spec", "replicas") == nil { object.set(path: ["spec", "replicas"], 1) }
            if object["status"] == nil { object.set("status", [:]) }
            return object
        default: return object
        }
    }

    /// What admission and the kind's strategy add.
    static func admit(_ object: JSONValue, old: JSONValue?, _ kind: ResourceKind) -> JSONValue {
        var object = object
        switch kind.stored {
        case .pods: return PodDefaults.admit(object)
        case .namespaces where old == nil:
            let own = object.value(at: "spec", "finalizers")?.array ?? []
            let all = own.contains("kubernetes") ? own : own + ["kubernetes"]
            object.set(path: ["spec", "finalizers"], .array(all))
            object.set("status", ["phase": "Active"])
            return object
        default: return object
        }
    }

    /// Subjects and roles say their group (pkg/apis/rbac/v1/defaults.go).
    private static func roleBinding(_ object: JSONValue) -> JSONValue {
        var binding = object
        let group = JSONValue.string(GroupResource.roles.group)
        if let subjects = binding["subjects"]?.array {
            let filled = subjects.map { subject -> JSONValue in
                var subject = subject
                let isPerson = ["User", "Group"].contains(subject["kind"]?.string ?? "")
                if isPerson, subject["apiGroup"]?.string?.isEmpty ?? true { subject.set("apiGroup", group) }
                return subject
            }
            binding.set("subjects", .array(filled))
        }
        if binding["roleRef"]?.object != nil, binding.value(at: "roleRef", "apiGroup")?.string?.isEmpty ?? true {
            binding.set(path: ["roleRef", "apiGroup"], group)
        }
        return binding
    }

    private static func secret(_ object: JSONValue) -> JSONValue {
        var secret = object
        if secret["type"]?.string?.isEmpty ?? true { secret.set("type", "Opaque") }
        if let texts = secret["stringData"]?.object {
            for (key, value) in texts {
                let encoded = Data((value.string ?? "").utf8).base64EncodedString()
                secret.set(path: ["data", key], .string(encoded))
            }
            secret.set("stringData", nil)
        }
        return secret
    }
}

/// A pod's defaults, and what admission adds to every pod.
enum PodDefaults {
    static func apply(to object: JSONValue) -> JSONValue {
        var pod = object
        var spec = pod["spec"]?.object ?? [:]
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            if let containers = spec[list]?.array { spec[list] = .array(containers.map(container)) }
        }
        let defaults: [String: JSONValue] = [
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "securityContext": [:], "schedulerName": "default-scheduler", "enableServiceLinks": true,
        ]
        spec.merge(defaults) { own, _ in own }
        pod.set("spec", .object(spec))
        return pod
    }

    /// What the admission plugins for priorities and tolerations write, and the status that every pod starts with.
    static func admit(_ object: JSONValue) -> JSONValue {
        var pod = object
        var spec = pod["spec"]?.object ?? [:]
        spec.merge(["priority": 0, "preemptionPolicy": "PreemptLowerPriority"]) { own, _ in own }
        spec["tolerations"] = .array(tolerations(spec["tolerations"]?.array ?? []))
        pod.set("spec", .object(spec))
        var status = pod["status"]?.object ?? [:]
        status.merge(["phase": "Pending", "qosClass": .string(qualityOfService(spec))]) { own, _ in own }
        for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
            if let statuses = status[list]?.array { status[list] = .array(statuses.map(containerStatus)) }
        }
        pod.set("status", .object(status))
        return pod
    }

    private static func container(_ value: JSONValue) -> JSONValue {
        guard var members = value.object else { return value }
        if let ports = members["ports"]?.array {
            members["ports"] = .array(
                ports.map { port in
                    guard var port = port.object else { return port }
                    port.merge(["protocol": "TCP"]) { own, _ in own }
                    return .object(port)
                }
            )
        }
        let defaults: [String: JSONValue] = [
            "resources": [:], "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            "imagePullPolicy": .string(pullPolicy(members["image"]?.string ?? "")),
        ]
        members.merge(defaults) { own, _ in own }
        return .object(members)
    }

    /// `latest`, said or meant, is always pulled.
    private static func pullPolicy(_ image: String) -> String {
        if image.contains("@") { return "IfNotPresent" }
        let name = image.split(separator: "/").last ?? ""
        guard let colon = name.lastIndex(of: ":") else { return "Always" }
        return name[name.index(after: colon)...] == "latest" ? "Always" : "IfNotPresent"
    }

    private static func containerStatus(_ value: JSONValue) -> JSONValue {
        guard var members = value.object else { return value }
        let defaults: [String: JSONValue] = [
            "state": [:], "lastState": [:], "ready": false, "restartCount": 0, "image": "", "imageID": "",
        ]
        members.merge(defaults) { own, _ in own }
        return .object(members)
    }

    private static func tolerations(_ own: [JSONValue]) -> [JSONValue] {
        var result = own
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = own.contains { $0["key"]?.string == key || $0["key"] == nil }
            if !isTolerated {
                result.append([
                    "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
                ])
            }
        }
        return result
    }

    private static func qualityOfService(_ spec: [String: JSONValue]) -> String {
        let containers = spec["containers"]?.array ?? []
        let limits = containers.map { $0.value(at: "resources", "limits")?.object ?? [:] }
        let requests = containers.map { $0.value(at: "resources", "requests")?.object ?? [:] }
        if limits.allSatisfy(\.isEmpty), requests.allSatisfy(\.isEmpty) { return "BestEffort" }
        let isGuaranteed = zip(limits, requests).allSatisfy { limit, request in
            limit["cpu"] != nil && limit["memory"] != nil && (request.isEmpty || request == limit)
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
