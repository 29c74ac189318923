import OCIRegistry
import TrustModel

/// What it means for an image that its registry did not answer as hoped.
enum RegistryFailure {
    /// What the registry was asked for.
    enum Question: Sendable, Hashable {
        /// The image itself, or a signature of it.
        case content
        /// The list of its signatures.
        case listing
        /// An index that may list the image, or where a tag leads.
        case index
    }

    /// Whether `error` says something about one answer only, so that another question may be answered well.
    static func isAboutOneAnswer(_ error: RegistryError) -> Bool {
        switch error.code {
        case .notFound, .digestMismatch, .tooLarge, .malformed, .refused, .insecure: true
        default: false
        }
    }

    /// The verdict and reason that `error` leads to.
    ///
    /// An outage is never read as "unsigned", and never as good.
    ///
    /// Only content that was asked for by digest can be altered: a listing or an index that comes with other bytes than
    /// the registry itself announces says nothing about the image.
    static func verdict(
        for error: RegistryError,
        asking question: Question = .content
    ) -> (verdict: Verdict, reason: Reason) {
        switch error.code {
        case .unauthorized, .forbidden, .credentialsUnavailable: (.unknown, .registryUnauthorized)
        case .throttled: (.unknown, .registryThrottled)
        case .notFound, .repositoryNotFound: (.unknown, .imageNotFound)
        case .digestMismatch: question == .content ? (.untrusted, .digestMismatch) : (.unknown, .registryMalformed)
        // A listing grows with every signature that somebody attaches; that is no trouble of the registry.
        case .tooLarge: (.unknown, question == .listing ? .tooManySignatures : .registryMalformed)
        case .malformed, .refused: (.unknown, .registryMalformed)
        case .unreachable, .insecure, .serverError, .timedOut, .cancelled: (.unknown, .registryUnreachable)
        }
    }
}
