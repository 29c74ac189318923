internal import JSONModel
internal import KubernetesAPI

/// How an object is written.
public struct WriteOptions: Sendable, Hashable {
    /// What the server does about fields that it does not know, or that stand in the object twice.
    public enum FieldValidation: String, Sendable, Hashable {
        /// It drops them without a word.
        case ignore = "Ignore"
        /// It drops them with a warning; the server's default.
        case warn = "Warn"
        /// It refuses the object.
        case strict = "Strict"
    }

    /// Who writes, 128 characters at most; `nil` for the client's own name.
    public var fieldManager: String?
    /// Whether the server only says what would come of it.
    public var isDryRun: Bool
    /// What becomes of unknown fields; `nil` leaves it to the server.
    public var fieldValidation: FieldValidation?

    /// Creates options.
    public init(fieldManager: String? = nil, isDryRun: Bool = false, fieldValidation: FieldValidation? = nil) {
        self.fieldManager = fieldManager
        self.isDryRun = isDryRun
        self.fieldValidation = fieldValidation
    }

    /// The options' part of a query.
    func query(manager: String) -> [APIRequest.QueryItem] {
        var items = [APIRequest.QueryItem("fieldManager", fieldManager ?? manager)]
        if isDryRun { items.append(APIRequest.QueryItem("dryRun", "All")) }
        if let fieldValidation { items.append(APIRequest.QueryItem("fieldValidation", fieldValidation.rawValue)) }
        return items
    }
}

/// How an object is deleted (`metav1.DeleteOptions`).
public struct DeleteOptions: Sendable, Hashable {
    /// Deletes only the object with this uid.
    ///
    /// Give it whenever the object was found in a cache: one made since under the same name is then left alone, and the
    /// answer is ``APIError`` `conflict`.
    public var uid: String?
    /// Deletes only if the object is still at this version.
    public var resourceVersion: String?
    /// `Background`, `Foreground` or `Orphan`; `nil` leaves it to the type's default.
    public var propagation: String?
    /// How long the object may take to end, in seconds; 0 for at once, `nil` for the object's own figure.
    public var gracePeriodSeconds: Int?
    /// Whether the server only says whether it would.
    public var isDryRun: Bool

    /// Creates options.
    public init(
        uid: String? = nil,
        resourceVersion: String? = nil,
        propagation: String? = nil,
        gracePeriodSeconds: Int? = nil,
        isDryRun: Bool = false
    ) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.propagation = propagation
        self.gracePeriodSeconds = gracePeriodSeconds
        self.isDryRun = isDryRun
    }

    /// The body of the request.
    var body: [UInt8] {
        var options: [String: JSONValue] = ["kind": "DeleteOptions", "apiVersion": "v1"]
        var preconditions: [String: JSONValue] = [:]
        if let uid { preconditions["uid"] = .string(uid) }
        if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
        if !preconditions.isEmpty { options["preconditions"] = .object(preconditions) }
        if let propagation { options["propagationPolicy"] = .string(propagation) }
        if let gracePeriodSeconds { options["gracePeriodSeconds"] = .integer(Int64(gracePeriodSeconds)) }
        if isDryRun { options["dryRun"] = ["All"] }
        return JSONSerializer().bytes(.object(options))
    }
}
