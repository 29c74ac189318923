internal import JSONModel

/// The field names of the built-in kinds whose bodies are checked for unknown fields.
///
/// Kinds and members without an entry are taken as they come.
enum BuiltinFields {
    private static func names(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    private static let common = names("apiVersion kind metadata")

    /// Field names by path pattern: `pods:spec.containers[]`.
    private static let known: [String: Set<String>] = [
        "namespaces:": names("spec status"), "namespaces:spec": names("finalizers"),
        "configmaps:": names("data binaryData immutable"),
        "secrets:": names("data stringData type immutable"),
        "serviceaccounts:": names("secrets imagePullSecrets automountServiceAccountToken"),
        "leases:": names("spec"),
        "leases:spec": names(
            "holderIdentity leaseDurationSeconds acquireTime renewTime leaseTransitions strategy preferredHolder"
        ),
        "services:": names("spec status"),
        "services:spec": names(
            "ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP "
                + "loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort "
                + "publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy "
                + "allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution"
        ),
        "deployments.apps:": names("spec status"),
        "deployments.apps:spec": names(
            "replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds"
        ),
        "pods:": names("spec status"),
        "pods:spec": names(
            "volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds "
                + "activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount "
                + "automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace "
                + "securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases "
                + "priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks "
                + "preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates "
                + "resourceClaims resources hostnameOverride workloadRef"
        ),
        "pods:spec.containers[]": container, "pods:spec.initContainers[]": container,
        "pods:status": names(
            "observedGeneration phase conditions message reason nominatedNodeName hostIP hostIPs podIP podIPs "
                + "startTime "
                + "initContainerStatuses containerStatuses qosClass ephemeralContainerStatuses resize "
                + "resourceClaimStatuses extendedResourceClaimStatus allocatedResources resources"
        ),
        "pods:status.containerStatuses[]": containerStatus, "pods:status.initContainerStatuses[]": containerStatus,
        "events:": names(
            "involvedObject reason message source firstTimestamp lastTimestamp count type eventTime series action "
                + "related "
                + "reportingComponent reportingInstance"
        ),
        "events.events.k8s.io:": names(
            "eventTime series reportingController reportingInstance action reason regarding related note type "
                + "deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount"
        ),
        "roles.rbac.authorization.k8s.io:": names("rules"),
        "clusterroles.rbac.authorization.k8s.io:": names("rules aggregationRule"),
        "rolebindings.rbac.authorization.k8s.io:": names("subjects roleRef"),
        "clusterrolebindings.rbac.authorization.k8s.io:": names("subjects roleRef"),
        "customresourcedefinitions.apiextensions.k8s.io:": names("spec status"),
        "customresourcedefinitions.apiextensions.k8s.io:spec": names(
            "group names scope versions conversion preserveUnknownFields"
        ),
        "customresourcedefinitions.apiextensions.k8s.io:spec.versions[]": names(
            "name served storage deprecated deprecationWarning schema subresources additionalPrinterColumns "
                + "selectableFields"
        ),
    ]

    private static let container = names(
        "name image command args workingDir ports envFrom env resources resizePolicy restartPolicy restartPolicyRules "
            + "volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath "
            + "terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty"
    )
    private static let containerStatus = names(
        "name state lastState ready restartCount image imageID containerID started allocatedResources resources "
            + "volumeMounts user allocatedResourcesStatus stopSignal"
    )

    private static func prefix(_ kind: ResourceKind) -> String {
        kind.served == .leases ? "leases" : kind.served.description
    }

    /// The paths of unknown fields, for the kinds and members that are listed here.
    static func unknown(in object: JSONValue, _ kind: ResourceKind) -> [String] { sifted(object, kind).unknown }

    /// The object without the fields that its kind does not have, as far as they are listed here.
    static func pruned(_ object: JSONValue, _ kind: ResourceKind) -> JSONValue {
        let result = sifted(object, kind)
        return result.unknown.isEmpty ? object : result.known
    }

    private static func sifted(_ object: JSONValue, _ kind: ResourceKind) -> (known: JSONValue, unknown: [String]) {
        var sieve = Sieve(prefix: prefix(kind))
        guard known["\(sieve.prefix):"] != nil else { return (object, []) }
        return (sieve.sift(object, pattern: "", path: "", depth: 0), sieve.found)
    }

    private struct Sieve {
        let prefix: String
        var found: [String] = []

        /// The value without unknown members, which are noted.
        mutating func sift(_ value: JSONValue, pattern: String, path: String, depth: Int) -> JSONValue {
            guard depth < 8 else { return value }
            switch value {
            case .object(let members):
                guard let names = known["\(prefix):\(pattern)"] else { return value }
                var kept: [String: JSONValue] = [:]
                for name in members.keys.sorted() {
                    guard let member = members[name] else { continue }
                    let at = SchemaValidator.join(path, name)
                    if pattern.isEmpty, common.contains(name) {
                        kept[name] = member
                    } else if names.contains(name) {
                        let inner = SchemaValidator.join(pattern, name)
                        kept[name] = sift(member, pattern: inner, path: at, depth: depth + 1)
                    } else {
                        found.append(at)
                    }
                }
                return .object(kept)
            case .array(let elements):
                var kept: [JSONValue] = []
                for (index, element) in elements.enumerated() {
                    kept.append(
                        sift(element, pattern: "\(pattern)[]", path: "\(path)[\(index)]", depth: depth + 1)
                    )
                }
                return .array(kept)
            default: return value
            }
        }
    }
}
