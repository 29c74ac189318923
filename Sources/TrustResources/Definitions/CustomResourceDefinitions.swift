public import JSONModel
import KubernetesAPI

/// The kinds of the group.
public enum CustomResourceDefinitions {
    /// Every definition, in order of the plural names.
    public static let definitions: [CustomResourceDefinition] = [clusterTrustPolicy, imageVerification, trustPolicy]

    /// Every definition as an object of the API.
    public static var all: [JSONValue] { definitions.map(\.json) }

    /// Every definition in one YAML text.
    public static func renderYAML() -> String { YAMLWriter().text(documents: all) }

    /// The definition of the kind called `kind` in any version of this group; `nil` for any other kind.
    public static func definition(forKind kind: String) -> CustomResourceDefinition? {
        definitions.first { $0.resource.kind == kind }
    }

    /// TrustPolicy.
    public static let trustPolicy = CustomResourceDefinition(
        schema: CustomResourceSchema(
            resource: TrustPolicy.resource,
            text: "TrustPolicy declares whom a namespace trusts to vouch for the images that run in it.",
            spec: PolicySchema.spec(isCluster: false),
            status: PolicyStatusSchema.status
        ),
        shortName: "tp",
        columns: policyColumns
    )

    /// ClusterTrustPolicy.
    public static let clusterTrustPolicy = CustomResourceDefinition(
        schema: CustomResourceSchema(
            resource: ClusterTrustPolicy.resource,
            text:
                """
                ClusterTrustPolicy declares whom a cluster trusts to vouch for the images that run in the namespaces \
                it selects.
                """,
            spec: PolicySchema.spec(isCluster: true),
            status: PolicyStatusSchema.status
        ),
        shortName: "ctp",
        columns: policyColumns
    )

    /// ImageVerification.
    public static let imageVerification = CustomResourceDefinition(
        schema: CustomResourceSchema(
            resource: ImageVerification.resource,
            text: """
                ImageVerification says what is held of one image in one namespace. The operator makes one for every \
                image \
                that runs and is spoken for by a policy; people apply their own as gates.
                """,
            spec: ImageVerificationSchema.spec,
            status: ImageVerificationSchema.status
        ),
        shortName: "iv",
        columns: verificationColumns
    )

    private static let policyColumns: [CustomResourceDefinition.Column] = [
        .init(
            "Ready",
            "string",
            #".status.conditions[?(@.type=="Ready")].status"#,
            "Whether the policy is valid and applied."
        ),
        .init(
            "Reason",
            "string",
            #".status.conditions[?(@.type=="Ready")].reason"#,
            "Why it is or is not.",
            isWide: true
        ),
        .init("Images", "integer", ".status.images.total", "Running images that the policy speaks for."),
        .init("Trusted", "integer", ".status.images.trusted", "Those that are trusted."),
        .init("Untrusted", "integer", ".status.images.untrusted", "Those with evidence against them."),
        .init("Unsupported", "integer", ".status.images.unsupported", "Those no longer supported.", isWide: true),
        .init("Unknown", "integer", ".status.images.unknown", "Those for which nobody has vouched."),
        // A column of type date shows the past only.
        .init("Expires", "string", ".status.expires", "When the first trusted certificate expires."),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
    ]

    private static let verificationColumns: [CustomResourceDefinition.Column] = [
        .init("Image", "string", ".status.repository", "The repository."),
        // The name of an object that the operator made begins with the digest: the whole of it would fill the line.
        .init("Digest", "string", ".status.digest", "The running digest.", isWide: true),
        .init("Verdict", "string", ".status.verdict", "What is held of the image."),
        .init("Reason", "string", ".status.reason", "Why."),
        .init("Signer", "string", ".status.signer", "Who signed."),
        .init("Pods", "integer", ".status.workloads.pods", "Pods that run the image."),
        .init(
            "Fresh",
            "string",
            #".status.conditions[?(@.type=="Fresh")].status"#,
            "Whether the verdict was confirmed by the latest attempt."
        ),
        .init("Age", "date", ".metadata.creationTimestamp", "Time since creation."),
    ]
}
