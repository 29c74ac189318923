extension ProtobufMessage {
    private static let podCondition = ProtobufMessage([
        1: .requiredString("type"), 2: .requiredString("status"), 3: .time("lastProbeTime"),
        4: .time("lastTransitionTime"), 5: .string("reason"), 6: .string("message"),
        7: .int("observedGeneration", dropsZero: true),
    ])
    private static let address = ProtobufMessage([1: .requiredString("ip")])
    private static let containerStateWaiting = ProtobufMessage([1: .string("reason"), 2: .string("message")])
    private static let containerStateRunning = ProtobufMessage([1: .time("startedAt")])
    private static let containerStateTerminated = ProtobufMessage([
        1: .int("exitCode"), 2: .int("signal", dropsZero: true), 3: .string("reason"), 4: .string("message"),
        5: .time("startedAt"), 6: .time("finishedAt"), 7: .string("containerID"),
    ])
    private static let containerState = ProtobufMessage([
        1: .pointer("waiting", containerStateWaiting), 2: .pointer("running", containerStateRunning),
        3: .pointer("terminated", containerStateTerminated),
    ])
    private static let imageVolumeStatus = ProtobufMessage([1: .string("imageRef")])
    private static let volumeStatus = ProtobufMessage([1: .pointer("image", imageVolumeStatus)])
    private static let volumeMountStatus = ProtobufMessage([
        1: .requiredString("name"), 2: .requiredString("mountPath"), 3: .bool("readOnly", dropsZero: true),
        4: .optionalString("recursiveReadOnly"), 5: .pointer("volumeStatus", volumeStatus),
    ])
    private static let linuxContainerUser = ProtobufMessage([
        1: .int("uid"), 2: .int("gid"), 3: .ints("supplementalGroups"),
    ])
    private static let containerUser = ProtobufMessage([1: .pointer("linux", linuxContainerUser)])
    private static let resourceHealth = ProtobufMessage([
        1: .requiredString("resourceID"), 2: .string("health"), 6: .optionalString("message"),
    ])
    private static let resourceStatus = ProtobufMessage([
        1: .requiredString("name"), 2: .messages("resources", resourceHealth),
    ])
    private static let containerStatus = ProtobufMessage([
        1: .requiredString("name"), 2: .structure("state", containerState), 3: .structure("lastState", containerState),
        4: .bool("ready"), 5: .int("restartCount"), 6: .requiredString("image"), 7: .requiredString("imageID"),
        8: .string("containerID"), 9: .bool("started"), 10: .quantities("allocatedResources"),
        11: .pointer("resources", resourceRequirements), 12: .messages("volumeMounts", volumeMountStatus),
        13: .pointer("user", containerUser), 14: .messages("allocatedResourcesStatus", resourceStatus),
        15: .optionalString("stopSignal"),
    ])
    private static let podResourceClaimStatus = ProtobufMessage([
        1: .requiredString("name"), 2: .optionalString("resourceClaimName"),
    ])
    private static let containerExtendedResourceRequest = ProtobufMessage([
        1: .requiredString("containerName"), 2: .requiredString("resourceName"), 3: .requiredString("requestName"),
    ])
    private static let podExtendedResourceClaimStatus = ProtobufMessage([
        1: .messages("requestMappings", containerExtendedResourceRequest), 2: .requiredString("resourceClaimName"),
    ])
    private static let nodeAllocatableResourceClaimStatus = ProtobufMessage([
        1: .requiredString("resourceClaimName"), 2: .strings("containers"), 3: .quantities("resources"),
    ])

    /// The status of a pod.
    static let podStatus = ProtobufMessage([
        1: .string("phase"), 2: .messages("conditions", podCondition), 3: .string("message"), 4: .string("reason"),
        5: .string("hostIP"), 6: .string("podIP"), 7: .optionalTime("startTime"),
        8: .messages("containerStatuses", containerStatus), 9: .string("qosClass"),
        10: .messages("initContainerStatuses", containerStatus), 11: .string("nominatedNodeName"),
        12: .messages("podIPs", address), 13: .messages("ephemeralContainerStatuses", containerStatus),
        14: .string("resize"), 15: .messages("resourceClaimStatuses", podResourceClaimStatus),
        16: .messages("hostIPs", address), 17: .int("observedGeneration", dropsZero: true),
        18: .pointer("extendedResourceClaimStatus", podExtendedResourceClaimStatus),
        19: .quantities("allocatedResources"), 20: .pointer("resources", resourceRequirements),
        21: .messages("nodeAllocatableResourceClaimStatuses", nodeAllocatableResourceClaimStatus),
    ])
}
