import JSONModel

/// Where the kinds of Kubernetes keep their pods.
enum PodTemplates {
    /// A kind whose pods are known.
    private struct Kind: Hashable {
        let group: String
        let name: String
    }

    /// The path of the pod or pod template in each kind; the group without its version.
    private static let paths: [Kind: [String]] = [
        Kind(group: "", name: "Pod"): [],
        Kind(group: "", name: "PodTemplate"): ["template"],
        Kind(group: "", name: "ReplicationController"): ["spec", "template"],
        Kind(group: "apps", name: "Deployment"): ["spec", "template"],
        Kind(group: "apps", name: "StatefulSet"): ["spec", "template"],
        Kind(group: "apps", name: "DaemonSet"): ["spec", "template"],
        Kind(group: "apps", name: "ReplicaSet"): ["spec", "template"],
        Kind(group: "batch", name: "Job"): ["spec", "template"],
        Kind(group: "batch", name: "CronJob"): ["spec", "jobTemplate", "spec", "template"],
    ]

    /// Groups that once held a kind of another.
    private static let formerGroups = ["extensions": "apps"]

    /// The path of the pod in `object`; `nil` where it holds none.
    ///
    /// A kind that is not known here is looked at in the one place where most custom workloads keep their pods.
    static func path(in object: JSONValue, group: String, kind: String) -> [String]? {
        if let path = paths[Kind(group: formerGroups[group] ?? group, name: kind)] { return path }
        let customary = object.value(at: "spec", "template", "spec", "containers")
        return customary?.array == nil ? nil : ["spec", "template"]
    }
}
