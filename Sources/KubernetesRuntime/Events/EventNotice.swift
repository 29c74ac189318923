public import KubernetesAPI

/// Something worth telling about an object.
public struct EventNotice: Sendable, Hashable {
    /// Whether a person needs to act.
    public enum Kind: String, Sendable, Hashable {
        /// Information.
        case normal = "Normal"
        /// A person should look.
        case warning = "Warning"
    }

    /// The object it is about: the one its reader owns.
    public var regarding: ObjectReference
    /// Another object that matters.
    public var related: ObjectReference?
    /// Whether a person needs to act.
    public var kind: Kind
    /// Why: a short constant in UpperCamelCase.
    ///
    /// Cut to 128 characters.
    public var reason: String
    /// What the controller did: a short constant.
    ///
    /// Cut to 128 characters.
    public var action: String
    /// A sentence without secrets.
    ///
    /// Cut to 1024 bytes.
    public var note: String

    /// Creates a notice.
    public init(
        regarding: ObjectReference,
        related: ObjectReference? = nil,
        kind: Kind,
        reason: String,
        action: String,
        note: String
    ) {
        self.regarding = regarding
        self.related = related
        self.kind = kind
        self.reason = reason
        self.action = action
        self.note = note
    }
}
