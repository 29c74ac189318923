/// Which manifest of an image carried the evidence about it.
///
/// Of an image for several platforms there are two that may run by name, and that may be signed: the index, which holds the
/// digests of all platform manifests and so covers them, and the manifest of one platform.
public enum EvidenceCarrier: String, Sendable, Hashable, Codable, CaseIterable {
    /// The index: the one that runs by name, or one that lists what runs.
    case index = "Index"
    /// The manifest of a platform: the one that runs, or those that the running index lists.
    case platform = "Platform"
}
