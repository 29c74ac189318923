/// What a status may hold at most.
///
/// The schema, the projection and the trimming read the same numbers.
public enum StatusLimits {
    /// The whole object, in bytes of compact JSON.
    public static let objectBytes = 8192
    /// Findings in a status.
    public static let findings = 32
    /// Warnings in a finding.
    public static let warnings = 8
    /// Changes of the verdict that are remembered.
    public static let history = 10
    /// Names of pods, and tags.
    public static let samples = 10
    /// A message, in characters.
    public static let messageCharacters = 1024
    /// The reference or repository, in characters.
    public static let imageCharacters = 1024
    /// A signer's subject, in characters.
    public static let subjectCharacters = 512
    /// `Kind/namespace/name`, in characters: 18, 63, 253 and two slashes.
    public static let policyCharacters = 336
    /// A name, in characters.
    public static let nameCharacters = 253
    /// Trust stores in the status of a policy.
    public static let trustStores = 128
    /// Trust anchors in the status of a policy; a bundle of all public authorities has some 150 certificates.
    public static let anchors = 256
}
