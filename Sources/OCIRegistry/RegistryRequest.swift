internal import OCIModel
internal import OutboundHTTP

/// One thing that is wanted of a registry.
struct RegistryRequest: Sendable {
    /// The repository it is in.
    let repository: RepositoryName
    /// What it is, for errors: `manifest v1`.
    let subject: String
    /// Where it is.
    let url: OutboundURL
    /// The media types it may have.
    var accept: [MediaType] = []
    /// How large it may be.
    let limit: BodyLimit
    /// Statuses other than 200 that are an answer rather than an error.
    var acceptedStatuses: Set<Int> = []
    /// GET, or HEAD to learn only whether something changed.
    var method = OutboundRequest.Method.get
    /// Whether it is for a manifest, which some registries count.
    var isManifest = false
    /// Whether what it fetches may change, so that it is asked for again as long as it is wanted.
    var isChangeable = false
    /// The `ETag` of what is known: the answer may be that it did not change.
    var validator: String?

    /// The beginning of every error about it.
    var sentence: String { "cannot fetch \(subject) of \(repository)" }

    /// Whether it may be counted as a pull: HEAD is not.
    var isPull: Bool { isManifest && method == .get }

    /// The scope of a token for it (distribution, "Token Scope Documentation").
    var scope: String { "repository:\(repository.path):pull" }
}
