/// The shape of a message: its fields by number (kubernetes.md §8.5).
struct ProtobufMessage: Sendable {
    indirect enum FieldType: Sendable {
        case string
        /// Base64 in JSON.
        case bytes
        case int
        case bool
        /// A `Time` message, RFC 3339 in JSON.
        case time
        /// A message that holds the text of the quantity.
        case quantity
        /// An integer or a string in JSON.
        case intOrString
        /// A message that holds the text of the JSON value (`FieldsV1`).
        case rawJSON
        case message(ProtobufMessage)
        case stringMap
        case bytesMap
        case quantityMap
    }

    struct Field: Sendable {
        /// The name in JSON, where it differs from that in the `.proto` files; empty for an inlined message.
        var name: String
        var type: FieldType
        var isRepeated = false
        /// Whether a zero is left out: Go writes it always, and JSON (`omitempty`) does not.
        var dropsZero = false
        /// Whether JSON shows an empty string or message.
        var keepsEmpty = false
        /// Whether Go writes the field also when JSON has none: it is no pointer, list or map.
        var isAlwaysWritten = false
        /// Whether the members of the message stand among those of the message around it in JSON.
        var isInlined = false
    }

    let fields: [UInt64: Field]
    /// The fields in the order in which they are written.
    let ordered: [(number: UInt64, field: Field)]
    /// The names of the members in JSON.
    let names: Set<String>
    /// Whether JSON also has `apiVersion` and `kind`, which the envelope holds.
    let isObject: Bool

    init(isObject: Bool = false, _ fields: [UInt64: Field]) {
        self.fields = fields
        self.isObject = isObject
        ordered = fields.sorted { $0.key < $1.key }.map { (number: $0.key, field: $0.value) }
        var names: Set<String> = isObject ? ["apiVersion", "kind"] : []
        for field in fields.values {
            if case .message(let shape) = field.type, field.isInlined {
                names.formUnion(shape.names)
            } else {
                names.insert(field.name)
            }
        }
        self.names = names
    }
}

extension ProtobufMessage.Field {
    static func string(_ name: String) -> Self { .init(name: name, type: .string, isAlwaysWritten: true) }
    /// A string that JSON shows also when it is empty.
    static func requiredString(_ name: String) -> Self {
        .init(name: name, type: .string, keepsEmpty: true, isAlwaysWritten: true)
    }
    /// A pointer to a string.
    static func optionalString(_ name: String) -> Self { .init(name: name, type: .string, keepsEmpty: true) }
    static func strings(_ name: String) -> Self { .init(name: name, type: .string, isRepeated: true) }
    static func int(_ name: String, dropsZero: Bool = false) -> Self {
        .init(name: name, type: .int, dropsZero: dropsZero, isAlwaysWritten: dropsZero)
    }
    /// A list of integers.
    static func ints(_ name: String) -> Self { .init(name: name, type: .int, isRepeated: true) }
    static func bool(_ name: String, dropsZero: Bool = false) -> Self {
        .init(name: name, type: .bool, dropsZero: dropsZero, isAlwaysWritten: dropsZero)
    }
    /// A time by value.
    static func time(_ name: String) -> Self { .init(name: name, type: .time, isAlwaysWritten: true) }
    /// A pointer to a time.
    static func optionalTime(_ name: String) -> Self { .init(name: name, type: .time) }
    /// A quantity by value.
    static func quantity(_ name: String) -> Self { .init(name: name, type: .quantity, isAlwaysWritten: true) }
    /// A pointer to a quantity.
    static func optionalQuantity(_ name: String) -> Self { .init(name: name, type: .quantity) }
    /// An integer or a string, by value.
    static func intOrString(_ name: String) -> Self { .init(name: name, type: .intOrString, isAlwaysWritten: true) }
    /// Any JSON value.
    static func rawJSON(_ name: String) -> Self { .init(name: name, type: .rawJSON) }
    /// Strings by key.
    static func stringMap(_ name: String) -> Self { .init(name: name, type: .stringMap) }
    /// Quantities by key.
    static func quantities(_ name: String) -> Self { .init(name: name, type: .quantityMap) }
    /// A message of which it does not matter whether it is empty or absent.
    static func message(_ name: String, _ message: ProtobufMessage) -> Self {
        .init(name: name, type: .message(message))
    }
    /// A pointer to a message: empty is not absent, as in `emptyDir: {}`.
    static func pointer(_ name: String, _ message: ProtobufMessage) -> Self {
        .init(name: name, type: .message(message), keepsEmpty: true)
    }
    /// A message by value: always there, in JSON too.
    static func structure(_ name: String, _ message: ProtobufMessage) -> Self {
        .init(name: name, type: .message(message), keepsEmpty: true, isAlwaysWritten: true)
    }
    /// A message whose members stand among those of the message around it in JSON.
    static func inlined(_ message: ProtobufMessage) -> Self {
        .init(name: "", type: .message(message), isAlwaysWritten: true, isInlined: true)
    }
    static func messages(_ name: String, _ message: ProtobufMessage) -> Self {
        .init(name: name, type: .message(message), isRepeated: true, keepsEmpty: true)
    }
}

extension ProtobufMessage {
    static let ownerReference = ProtobufMessage([
        1: .string("kind"), 3: .string("name"), 4: .string("uid"), 5: .string("apiVersion"), 6: .bool("controller"),
        7: .bool("blockOwnerDeletion"),
    ])
    static let objectMeta = ProtobufMessage([
        1: .string("name"), 2: .string("generateName"), 3: .string("namespace"), 5: .string("uid"),
        6: .string("resourceVersion"), 7: .int("generation", dropsZero: true),
        8: .init(name: "creationTimestamp", type: .time),
        9: .init(name: "deletionTimestamp", type: .time), 10: .int("deletionGracePeriodSeconds"),
        11: .init(name: "labels", type: .stringMap), 12: .init(name: "annotations", type: .stringMap),
        13: .messages("ownerReferences", ownerReference), 14: .strings("finalizers"),
    ])
    static let objectReference = ProtobufMessage([
        1: .string("kind"), 2: .string("namespace"), 3: .string("name"), 4: .string("uid"), 5: .string("apiVersion"),
        6: .string("resourceVersion"), 7: .string("fieldPath"),
    ])
    static let policyRule = ProtobufMessage([
        1: .strings("verbs"), 2: .strings("apiGroups"), 3: .strings("resources"), 4: .strings("resourceNames"),
        5: .strings("nonResourceURLs"),
    ])
    static let subject = ProtobufMessage([
        1: .string("kind"), 2: .string("apiGroup"), 3: .string("name"), 4: .string("namespace"),
    ])
    static let roleRef = ProtobufMessage([1: .string("apiGroup"), 2: .string("kind"), 3: .string("name")])
    static let resourceAttributes = ProtobufMessage([
        1: .string("namespace"), 2: .string("verb"), 3: .string("group"), 4: .string("version"), 5: .string("resource"),
        6: .string("subresource"), 7: .string("name"),
    ])

    private static func object(_ fields: [UInt64: Field]) -> ProtobufMessage {
        var fields = fields
        fields[1] = .message("metadata", objectMeta)
        return ProtobufMessage(fields)
    }

    private static let role = object([2: .messages("rules", policyRule)])
    private static let labelSelector = ProtobufMessage([
        1: .init(name: "matchLabels", type: .stringMap),
        2: .messages(
            "matchExpressions",
            ProtobufMessage([1: .string("key"), 2: .string("operator"), 3: .strings("values")])
        ),
    ])
    private static let clusterRole = object([
        2: .messages("rules", policyRule),
        3: .message("aggregationRule", ProtobufMessage([1: .messages("clusterRoleSelectors", labelSelector)])),
    ])
    private static let userInfo = ProtobufMessage([1: .string("username"), 2: .string("uid"), 3: .strings("groups")])
    private static let binding = object([2: .messages("subjects", subject), 3: .message("roleRef", roleRef)])
    private static let accessReview = object([
        2: .message(
            "spec",
            ProtobufMessage([
                1: .message("resourceAttributes", resourceAttributes),
                2: .message("nonResourceAttributes", ProtobufMessage([1: .string("path"), 2: .string("verb")])),
            ])
        ),
        3: .message(
            "status",
            ProtobufMessage([
                1: .bool("allowed"), 2: .string("reason"), 3: .string("evaluationError"),
                4: .bool("denied", dropsZero: true),
            ])
        ),
    ])

    private static let deleteOptions = ProtobufMessage([
        1: .int("gracePeriodSeconds"),
        2: .message("preconditions", ProtobufMessage([1: .string("uid"), 2: .string("resourceVersion")])),
        4: .string("propagationPolicy"), 5: .strings("dryRun"),
    ])

    /// The messages that `kubectl` 1.32 sends, by kind.
    static let kinds: [String: ProtobufMessage] = [
        "Pod": pod,
        "Namespace": object([
            2: .message("spec", ProtobufMessage([1: .strings("finalizers")])),
            3: .message("status", ProtobufMessage([1: .string("phase")])),
        ]),
        "ConfigMap": object([
            2: .init(name: "data", type: .stringMap), 3: .init(name: "binaryData", type: .bytesMap),
            4: .bool("immutable"),
        ]),
        "Secret": object([
            2: .init(name: "data", type: .bytesMap), 3: .string("type"), 4: .init(name: "stringData", type: .stringMap),
            5: .bool("immutable"),
        ]),
        "ServiceAccount": object([
            2: .messages("secrets", objectReference),
            3: .messages("imagePullSecrets", ProtobufMessage([1: .string("name")])),
            4: .bool("automountServiceAccountToken"),
        ]),
        "Role": role, "ClusterRole": clusterRole, "RoleBinding": binding, "ClusterRoleBinding": binding,
        "SelfSubjectAccessReview": accessReview,
        "SelfSubjectRulesReview": object([
            2: .message("spec", ProtobufMessage([1: .string("namespace")])),
            3: .message(
                "status",
                ProtobufMessage([
                    1: .messages("resourceRules", policyRule),
                    2: .messages(
                        "nonResourceRules",
                        ProtobufMessage([1: .strings("verbs"), 2: .strings("nonResourceURLs")])
                    ),
                    3: .bool("incomplete"), 4: .string("evaluationError"),
                ])
            ),
        ]),
        "SelfSubjectReview": object([2: .message("status", ProtobufMessage([1: .message("userInfo", userInfo)]))]),
        "TokenRequest": object([
            2: .message(
                "spec",
                ProtobufMessage([
                    1: .strings("audiences"),
                    3: .message(
                        "boundObjectRef",
                        ProtobufMessage([
                            1: .string("kind"), 2: .string("apiVersion"), 3: .string("name"), 4: .string("uid"),
                        ])
                    ),
                    4: .int("expirationSeconds"),
                ])
            ),
            3: .message(
                "status",
                ProtobufMessage([1: .string("token"), 2: .init(name: "expirationTimestamp", type: .time)])
            ),
        ]),
        "Eviction": object([2: .message("deleteOptions", deleteOptions)]),
        "DeleteOptions": deleteOptions,
    ]
}
