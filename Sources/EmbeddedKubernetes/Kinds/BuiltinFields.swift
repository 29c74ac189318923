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
    static func unknown(in object: JSONValue, _ kind: ResourceKind) -> [String] {
        let prefix = prefix(kind)
        guard known["\(prefix):"] != nil else { return [] }
        var found: [String] = []
        visit(object, pattern: "", path: "", prefix: prefix, depth: 0, &found)
        return found
    }

    private static func visit(
        _ value: JSONValue,
        pattern: String,
        path: String,
        prefix: String,
        depth: Int,
        _ found: inout [String]
    ) {
        guard depth < 8 else { return }
        switch value {
        case .object(let members):
            guard let names = known["\(prefix):\(pattern)"] else { return }
            for name in members.keys.sorted() {
                if pattern.isEmpty, common.contains(name) { continue }
                let at = SchemaValidator.join(path, name)
                guard names.contains(name) else {
                    found.append(at)
                    continue
                }
                if let member = members[name] {
                    visit(
                        member,
                        pattern: SchemaValidator.join(pattern, name),
                        path: at,
                        prefix: prefix,
                        depth: depth + 1,
                        &found
                    )
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                visit(
                    element,
                    pattern: "\(pattern)[]",
                    path: "\(path)[\(index)]",
                    prefix: prefix,
                    depth: depth + 1,
                    &found
                )
            }
        default: return
        }
    }
}
