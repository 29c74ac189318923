#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What is sent in the `Authorization` field.
///
/// Its description shows no secret.
enum Authorization: Sendable, Hashable, CustomStringConvertible {
    case basic(username: String, password: String)
    case bearer(String)

    var headerValue: String {
        switch self {
        case .basic(let username, let password):
            "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
        case .bearer(let token):
            "Bearer \(token)"
        }
    }

    var description: String {
        switch self {
        case .basic(let username, _): "Basic credentials of \(username)"
        case .bearer: "a token"
        }
    }
}
