import KubernetesClient

extension PodProjection {
    /// What is read of a pod, by the numbers of its fields in Protocol Buffers (`k8s.io/api/core/v1/generated.proto`, `Pod`,
    /// and `k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto`, `ObjectMeta`).
    static let shape = ProtobufShape.object(
        metadata: [ProtobufShape.Field(8, "creationTimestamp", .time), ProtobufShape.Field(11, "labels", .texts)],
        [ProtobufShape.Field(2, "spec", .message(specification)), ProtobufShape.Field(3, "status", .message(status))]
    )

    private static let specification = ProtobufShape([
        ProtobufShape.Field(2, "containers", .messages(container)),
        ProtobufShape.Field(7, "nodeSelector", .texts),
        ProtobufShape.Field(8, "serviceAccountName"),
        ProtobufShape.Field(15, "imagePullSecrets", .messages(named)),
        ProtobufShape.Field(20, "initContainers", .messages(container)),
        ProtobufShape.Field(
            34,
            "ephemeralContainers",
            .messages(ProtobufShape([ProtobufShape.Field(1, "ephemeralContainerCommon", .inlined(container))]))
        ),
        ProtobufShape.Field(36, "os", .message(named)),
    ])

    private static let status = ProtobufShape([
        ProtobufShape.Field(1, "phase"),
        ProtobufShape.Field(8, "containerStatuses", .messages(containerStatus)),
        ProtobufShape.Field(10, "initContainerStatuses", .messages(containerStatus)),
        ProtobufShape.Field(13, "ephemeralContainerStatuses", .messages(containerStatus)),
    ])

    private static let named = ProtobufShape([ProtobufShape.Field(1, "name")])
    private static let container = ProtobufShape([ProtobufShape.Field(1, "name"), ProtobufShape.Field(2, "image")])
    private static let containerStatus = ProtobufShape([
        ProtobufShape.Field(1, "name"), ProtobufShape.Field(6, "image"), ProtobufShape.Field(7, "imageID"),
    ])
}
