/// Every decoder that is fuzzed.
///
/// A new one is one line in the list of its subject, and a folder of small seeds in `Tests/Fixtures/fuzz`.
public enum DecoderCatalog {
    /// The decoders, by subject.
    public static let all: [DecoderTarget] =
        JSONTargets.all + OCITargets.all + SigningTargets.all + CertificateTargets.all + PolicyTargets.all
        + HTTPTargets.all + CredentialTargets.all + CloudTargets.all + ProxyTargets.all + KubernetesTargets.all
        + EndpointTargets.all + DocumentTargets.all + BundleTargets.all

    /// The decoder called `name`.
    public static func target(_ name: String) -> DecoderTarget? { all.first { $0.name == name } }
}
