import KubernetesAPI
import KubernetesClient

extension ReflectorFailure {
    /// Sorts an error of the client.
    init(_ error: any Error) {
        switch error {
        case let error as TransportError:
            switch error.code {
            case .unreachable, .insecure, .credentialsUnavailable: self = .unreachable
            case .connectionLost, .timedOut, .withheld: self = .interrupted
            case .malformedResponse: self = .status(500)
            }
        case let error as APIError:
            self = Self.sorted(error)
        default:
            self = .status(500)
        }
    }

    private static func sorted(_ error: APIError) -> ReflectorFailure {
        if error.isExpired { return .expired }
        if error.isResourceVersionTooLarge { return .resourceVersionTooLarge }
        switch error.httpStatus {
        case _ where error.code == .malformedResponse: return .status(500)
        case 429: return .throttled(retryAfter: error.retryAfter)
        case 400, 406, 415, 422: return .rejected
        default: return .status(error.httpStatus)
        }
    }
}

extension ReflectorEvent {
    /// What a line of a watch means to the reflector.
    init<Value>(_ notification: WatchNotification<DecodedObject<Value>>) {
        switch notification {
        case .added(let object): self = .added(resourceVersion: object.header.resourceVersion)
        case .modified(let object): self = .modified(resourceVersion: object.header.resourceVersion)
        case .deleted(let object): self = .deleted(resourceVersion: object.header.resourceVersion)
        case .unreadable(let metadata, isDeletion: true, _):
            self = .deleted(resourceVersion: metadata.resourceVersion ?? "")
        case .unreadable(let metadata, isDeletion: false, _):
            // Perhaps one of the existing objects at the start of a watch, so it must not count for more than those.
            self = .added(resourceVersion: metadata.resourceVersion ?? "")
        case .bookmark(let metadata):
            self = .bookmark(
                resourceVersion: metadata.resourceVersion ?? "",
                endsInitialEvents: notification.endsInitialEvents
            )
        case .failed(let error): self = .failed(ReflectorFailure(error))
        }
    }
}
