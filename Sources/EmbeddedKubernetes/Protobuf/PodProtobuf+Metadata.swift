extension ProtobufMessage {
    private static let managedFieldsEntry = ProtobufMessage([
        1: .string("manager"), 2: .string("operation"), 3: .string("apiVersion"), 4: .optionalTime("time"),
        6: .string("fieldsType"), 7: .rawJSON("fieldsV1"), 8: .string("subresource"),
    ])

    /// `ObjectMeta` with what only answers hold.
    static let completeObjectMeta = ProtobufMessage([
        1: .string("name"), 2: .string("generateName"), 3: .string("namespace"), 4: .string("selfLink"),
        5: .string("uid"), 6: .string("resourceVersion"), 7: .int("generation", dropsZero: true),
        8: .time("creationTimestamp"), 9: .optionalTime("deletionTimestamp"), 10: .int("deletionGracePeriodSeconds"),
        11: .stringMap("labels"), 12: .stringMap("annotations"), 13: .messages("ownerReferences", ownerReference),
        14: .strings("finalizers"), 17: .messages("managedFields", managedFieldsEntry),
    ])
    private static let selectorRequirement = ProtobufMessage([
        1: .requiredString("key"), 2: .requiredString("operator"), 3: .strings("values"),
    ])

    /// `meta/v1` LabelSelector.
    static let selector = ProtobufMessage([
        1: .stringMap("matchLabels"), 2: .messages("matchExpressions", selectorRequirement),
    ])
    private static let shardInfo = ProtobufMessage([1: .requiredString("selector")])

    /// The metadata of a list and of a status.
    static let listMeta = ProtobufMessage([
        1: .string("selfLink"), 2: .string("resourceVersion"), 3: .string("continue"), 4: .int("remainingItemCount"),
        5: .pointer("shardInfo", shardInfo),
    ])
    private static let statusCause = ProtobufMessage([1: .string("reason"), 2: .string("message"), 3: .string("field")])
    private static let statusDetails = ProtobufMessage([
        1: .string("name"), 2: .string("group"), 3: .string("kind"), 4: .messages("causes", statusCause),
        5: .int("retryAfterSeconds", dropsZero: true), 6: .string("uid"),
    ])

    /// `meta/v1` Status, the answer that is a failure.
    static let status = ProtobufMessage(
        isObject: true,
        [
            1: .structure("metadata", listMeta), 2: .string("status"), 3: .string("message"), 4: .string("reason"),
            5: .pointer("details", statusDetails), 6: .int("code", dropsZero: true),
        ]
    )
}
