/// The types of the conditions in the status of the group's objects.
public enum ConditionType {
    /// The object is in the state it asks for.
    ///
    /// Read by kstatus, Argo CD and Flux.
    public static let ready = "Ready"
    /// Work on the object is going on.
    ///
    /// Present only while it is (kstatus).
    public static let reconciling = "Reconciling"
    /// The object needs a person.
    ///
    /// Present only while it does (kstatus).
    public static let stalled = "Stalled"
    /// The image is trusted: what a gate waits for.
    public static let verified = "Verified"
    /// The verdict was confirmed by the latest attempt.
    public static let fresh = "Fresh"
    /// A tag by which pods run the image leads to another image now.
    ///
    /// Present only while one does. It says nothing about trust.
    public static let tagMoved = "TagMoved"
    /// A certificate of the policy's trust stores expires within ``TrustPolicyStatus/expiryWarning`` or has expired.
    public static let trustStoreExpiring = "TrustStoreExpiring"
    /// A running image that the policy speaks for stops being trusted within 30 days by the passing of time.
    public static let trustLapsing = "TrustLapsing"
    /// Certificates of the policy's trust stores count although they could not be read again.
    ///
    /// Present only while they do.
    public static let trustStoreStale = "TrustStoreStale"
}

/// The reasons of conditions that no verdict has: those are in `TrustModel.Reason`.
public enum ConditionReason {
    /// The policy is valid and applied.
    public static let accepted = "Accepted"
    /// The verdict was confirmed by the latest attempt.
    public static let confirmed = "Confirmed"
    /// A tag leads to another image than the one that runs by it.
    public static let leadsElsewhere = "LeadsElsewhere"
    /// Every certificate is valid for longer than the warning time.
    public static let certificatesValid = "CertificatesValid"
    /// A certificate expires within the warning time.
    public static let certificateExpiresSoon = "CertificateExpiresSoon"
    /// A certificate has expired.
    public static let certificateExpired = "CertificateExpired"
    /// A trusted image stops being trusted soon.
    public static let verdictsLapseSoon = "VerdictsLapseSoon"
    /// No trusted image stops being trusted soon.
    public static let verdictsHold = "VerdictsHold"
}
