internal import OCIModel
internal import OCIRegistry

extension RegistryError {
    /// The credential for a repository cannot be had.
    ///
    /// A cloud that cannot be asked is an outage like one of the registry, and is not asked again by the same call: that
    /// has been done.
    init(_ error: CloudError, for repository: RepositoryName) {
        let code: Code =
            switch error.code {
            case .cancelled: .cancelled
            case .unreachable: .unreachable
            case .throttled: .throttled
            case .serverError: .serverError
            default: .credentialsUnavailable
            }
        self.init(
            code,
            "the credential for \(repository.registry) cannot be had: \(error.message)",
            host: repository.registry,
            repository: repository.path,
            retryAfter: error.retryAfter,
            isHeldBack: error.isTransient
        )
    }
}
