import KubernetesAPI

/// The API group in which trust is declared and reported.
public enum TrustAPI {
    /// The group.
    public static let group = "vigil.dev"
    /// The version that is served and stored.
    public static let version = "v1alpha1"
    /// `vigil.dev/v1alpha1`.
    public static let apiVersion = "vigil.dev/v1alpha1"
    /// The category that lists every kind of the group: `kubectl get vigil`.
    public static let category = "vigil"

    /// The label on every object that the operator makes.
    public static let managedByLabel = "app.kubernetes.io/managed-by"
    /// The value of ``managedByLabel``; also the field manager of what the operator writes.
    public static let managedByValue = "vigil"

    /// The annotation by which a person asks that everything be asked again now.
    public static let verifyAnnotation = "vigil.dev/verify-requested-at"

    /// `trustpolicies` in `vigil.dev/v1alpha1`.
    static let trustPolicies = ResourceType(
        group: group,
        version: version,
        plural: "trustpolicies",
        kind: "TrustPolicy",
        isNamespaced: true
    )
    /// `clustertrustpolicies` in `vigil.dev/v1alpha1`.
    static let clusterTrustPolicies = ResourceType(
        group: group,
        version: version,
        plural: "clustertrustpolicies",
        kind: "ClusterTrustPolicy",
        isNamespaced: false
    )
    /// `imageverifications` in `vigil.dev/v1alpha1`.
    static let imageVerifications = ResourceType(
        group: group,
        version: version,
        plural: "imageverifications",
        kind: "ImageVerification",
        isNamespaced: true
    )
}
