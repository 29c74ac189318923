import KubernetesClient
import Logging
import OperatorEndpoints
import Synchronization

/// Lets the API server decide who may read the operator's endpoints.
///
/// What keeps it from deciding is logged when it begins and when it ends, not at each request.
final class TokenEndpointAccess: EndpointAccess {
    private let access: TokenAccess
    private let logger: Logger
    private let trouble = Mutex<String?>(nil)

    init(_ access: TokenAccess, logger: Logger) {
        self.access = access
        self.logger = logger
    }

    func decision(token: String, path: String) async -> EndpointDecision {
        do {
            // Who may get something may ask for its headers alone.
            let decision = try await access.decision(token: token, action: AccessAction(verb: "get", path: path))
            note(nil)
            switch decision {
            case .allowed: return .allowed
            case .unauthenticated: return .unauthenticated
            case .denied(let user): return .denied(user: user)
            }
        } catch let error as AccessReviewError {
            note(error.message)
            // Anybody reads this; the log says more.
            return .undecided(
                error.isRefused
                    ? "the operator may not create TokenReviews and SubjectAccessReviews"
                    : "the API server could not be asked"
            )
        } catch {
            return .undecided("the request was given up")
        }
    }

    /// Says whether tokens can be checked; never a reason to send a replica away, which works without.
    var health: HealthCheck {
        HealthCheck(
            "endpoint-access",
            detail: { self.trouble.withLock(\.self).map { "tokens cannot be checked: \($0)" } },
            problem: { nil }
        )
    }

    private func note(_ message: String?) {
        let former = trouble.withLock { trouble in
            defer { trouble = message }
            return trouble
        }
        switch (former, message) {
        case (nil, .some(let message)):
            logger.error("bearer tokens cannot be checked", metadata: ["cause": "\(message)"])
        case (.some, nil): logger.notice("bearer tokens can be checked again")
        default: break
        }
    }
}
