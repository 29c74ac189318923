extension ProtobufMessage {
    private static let hostAlias = ProtobufMessage([1: .requiredString("ip"), 2: .strings("hostnames")])
    private static let podDNSConfigOption = ProtobufMessage([1: .string("name"), 2: .optionalString("value")])
    private static let podDNSConfig = ProtobufMessage([
        1: .strings("nameservers"), 2: .strings("searches"), 3: .messages("options", podDNSConfigOption),
    ])
    private static let podReadinessGate = ProtobufMessage([1: .requiredString("conditionType")])
    private static let podOS = ProtobufMessage([1: .requiredString("name")])
    private static let podSchedulingGate = ProtobufMessage([1: .requiredString("name")])
    private static let podResourceClaim = ProtobufMessage([
        1: .requiredString("name"), 3: .optionalString("resourceClaimName"),
        4: .optionalString("resourceClaimTemplateName"),
    ])
    private static let podSchedulingGroup = ProtobufMessage([1: .optionalString("podGroupName")])
    private static let podSpec = ProtobufMessage([
        1: .messages("volumes", volume), 2: .messages("containers", container), 3: .string("restartPolicy"),
        4: .int("terminationGracePeriodSeconds"), 5: .int("activeDeadlineSeconds"), 6: .string("dnsPolicy"),
        7: .stringMap("nodeSelector"), 8: .string("serviceAccountName"), 9: .string("serviceAccount"),
        10: .string("nodeName"), 11: .bool("hostNetwork", dropsZero: true), 12: .bool("hostPID", dropsZero: true),
        13: .bool("hostIPC", dropsZero: true), 14: .pointer("securityContext", podSecurityContext),
        15: .messages("imagePullSecrets", localObjectReference), 16: .string("hostname"), 17: .string("subdomain"),
        18: .pointer("affinity", affinity), 19: .string("schedulerName"), 20: .messages("initContainers", container),
        21: .bool("automountServiceAccountToken"), 22: .messages("tolerations", toleration),
        23: .messages("hostAliases", hostAlias), 24: .string("priorityClassName"), 25: .int("priority"),
        26: .pointer("dnsConfig", podDNSConfig), 27: .bool("shareProcessNamespace"),
        28: .messages("readinessGates", podReadinessGate), 29: .optionalString("runtimeClassName"),
        30: .bool("enableServiceLinks"), 31: .optionalString("preemptionPolicy"), 32: .quantities("overhead"),
        33: .messages("topologySpreadConstraints", topologySpreadConstraint),
        34: .messages("ephemeralContainers", ephemeralContainer), 35: .bool("setHostnameAsFQDN"),
        36: .pointer("os", podOS), 37: .bool("hostUsers"), 38: .messages("schedulingGates", podSchedulingGate),
        39: .messages("resourceClaims", podResourceClaim), 40: .pointer("resources", resourceRequirements),
        41: .optionalString("hostnameOverride"), 43: .pointer("schedulingGroup", podSchedulingGroup),
    ])

    /// `core/v1` Pod.
    static let pod = ProtobufMessage(
        isObject: true,
        [
            1: .structure("metadata", completeObjectMeta), 2: .structure("spec", podSpec),
            3: .structure("status", podStatus),
        ]
    )

    /// `core/v1` PodList.
    static let podList = ProtobufMessage(
        isObject: true,
        [1: .structure("metadata", listMeta), 2: .messages("items", pod)]
    )
}
