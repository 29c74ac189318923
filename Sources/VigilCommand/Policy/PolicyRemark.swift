/// Something that was found in a policy.
struct PolicyRemark: Sendable, Hashable {
    /// How bad it is.
    enum Severity: String, Sendable, Hashable {
        /// The policy cannot be applied.
        case error
        /// It can be applied, and is dangerous or not what was meant.
        case warning
    }

    /// How bad it is.
    var severity: Severity
    /// Which rule: a constant for programs, such as `memberUnknown` or `anyIdentity`.
    var rule: String
    /// Where.
    var site: InputError.Site
    /// The policy, where one could be read: `TrustPolicy/shop/web`, or the name of a statement.
    var policy: String?
    /// What is wrong and what to do.
    var message: String
}
