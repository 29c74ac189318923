extension ProtobufMessage {
    private static let nodeSelectorRequirement = ProtobufMessage([
        1: .requiredString("key"), 2: .requiredString("operator"), 3: .strings("values"),
    ])
    private static let nodeSelectorTerm = ProtobufMessage([
        1: .messages("matchExpressions", nodeSelectorRequirement), 2: .messages("matchFields", nodeSelectorRequirement),
    ])
    private static let nodeSelector = ProtobufMessage([1: .messages("nodeSelectorTerms", nodeSelectorTerm)])
    private static let preferredSchedulingTerm = ProtobufMessage([
        1: .int("weight"), 2: .structure("preference", nodeSelectorTerm),
    ])
    private static let nodeAffinity = ProtobufMessage([
        1: .pointer("requiredDuringSchedulingIgnoredDuringExecution", nodeSelector),
        2: .messages("preferredDuringSchedulingIgnoredDuringExecution", preferredSchedulingTerm),
    ])
    private static let podAffinityTerm = ProtobufMessage([
        1: .pointer("labelSelector", selector), 2: .strings("namespaces"), 3: .requiredString("topologyKey"),
        4: .pointer("namespaceSelector", selector), 5: .strings("matchLabelKeys"), 6: .strings("mismatchLabelKeys"),
    ])
    private static let weightedPodAffinityTerm = ProtobufMessage([
        1: .int("weight"), 2: .structure("podAffinityTerm", podAffinityTerm),
    ])
    private static let podAffinity = ProtobufMessage([
        1: .messages("requiredDuringSchedulingIgnoredDuringExecution", podAffinityTerm),
        2: .messages("preferredDuringSchedulingIgnoredDuringExecution", weightedPodAffinityTerm),
    ])

    /// Which nodes and neighbours a pod wants.
    static let affinity = ProtobufMessage([
        1: .pointer("nodeAffinity", nodeAffinity), 2: .pointer("podAffinity", podAffinity),
        3: .pointer("podAntiAffinity", podAffinity),
    ])

    /// A taint that a pod accepts.
    static let toleration = ProtobufMessage([
        1: .string("key"), 2: .string("operator"), 3: .string("value"), 4: .string("effect"),
        5: .int("tolerationSeconds"),
    ])

    /// How pods are spread over a topology.
    static let topologySpreadConstraint = ProtobufMessage([
        1: .int("maxSkew"), 2: .requiredString("topologyKey"), 3: .requiredString("whenUnsatisfiable"),
        4: .pointer("labelSelector", selector), 5: .int("minDomains"), 6: .optionalString("nodeAffinityPolicy"),
        7: .optionalString("nodeTaintsPolicy"), 8: .strings("matchLabelKeys"),
    ])
}
