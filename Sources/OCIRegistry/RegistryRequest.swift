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

    /// The beginning of every error about it.
    var sentence: String { "cannot fetch \(subject) of \(repository)" }

    /// The scope of a token for it (distribution, "Token Scope Documentation").
    var scope: String { "repository:\(repository.path):pull" }
}
