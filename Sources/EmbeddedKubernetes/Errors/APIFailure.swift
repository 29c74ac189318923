internal import JSONModel

/// A refusal, as the API server words it: becomes a `Status` object (kubernetes.md §1.8).
struct APIFailure: Error, Sendable, Hashable {
    /// One reason among several, bound to a field.
    struct Cause: Sendable, Hashable {
        var reason: String
        var message: String
        var field: String?
    }

    var code: Int
    var reason: String
    var message: String
    /// `details`; `nil` leaves the member out.
    var details: JSONValue?
    /// The answer's `metadata.continue`, for an expired page.
    var continuation: String?
    /// Seconds for the `Retry-After` header.
    var retryAfter: Int?

    init(
        _ code: Int,
        _ reason: String,
        _ message: String,
        details: JSONValue? = nil,
        continuation: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.continuation = continuation
        self.retryAfter = retryAfter
    }

    /// The `Status` object.
    var status: JSONValue {
        var metadata: [String: JSONValue] = [:]
        if let continuation { metadata["continue"] = .string(continuation) }
        var members: [String: JSONValue] = [
            "kind": "Status", "apiVersion": "v1", "metadata": .object(metadata), "status": "Failure",
            "message": .string(message), "code": .integer(Int64(code)),
        ]
        // A failure without a reason of its own says none.
        if !reason.isEmpty { members["reason"] = .string(reason) }
        if let details { members["details"] = details }
        return .object(members)
    }
}

extension APIFailure {
    private static func details(_ resource: GroupResource, _ name: String) -> JSONValue {
        var members: [String: JSONValue] = ["kind": .string(resource.resource)]
        if !name.isEmpty { members["name"] = .string(name) }
        if !resource.group.isEmpty { members["group"] = .string(resource.group) }
        return .object(members)
    }

    static func notFound(_ resource: GroupResource, _ name: String) -> APIFailure {
        APIFailure(404, "NotFound", "\(resource) \"\(name)\" not found", details: details(resource, name))
    }

    static func alreadyExists(_ resource: GroupResource, _ name: String, isDeleting: Bool = false) -> APIFailure {
        APIFailure(
            409,
            "AlreadyExists",
            "\(isDeleting ? "object is being deleted: " : "")\(resource) \"\(name)\" already exists",
            details: details(resource, name)
        )
    }

    static func conflict(_ resource: GroupResource, _ name: String, _ why: String? = nil) -> APIFailure {
        let why =
            why ?? "the object has been modified; please apply your changes to the latest version and try again"
        return APIFailure(
            409,
            "Conflict",
            "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
            details: details(resource, name)
        )
    }

    static func forbidden(_ resource: GroupResource, _ name: String, _ why: String, cause: Cause? = nil) -> APIFailure {
        var detail = details(resource, name)
        if let cause, case .object(var members) = detail {
            members["causes"] = [.object(causeMembers(cause))]
            detail = .object(members)
        }
        let what = name.isEmpty ? resource.description : "\(resource) \"\(name)\""
        return APIFailure(403, "Forbidden", "\(what) is forbidden: \(why)", details: detail)
    }

    /// The 401 of a request whose credentials open nothing.
    static let unauthorized = APIFailure(401, "Unauthorized", "Unauthorized")

    static func badRequest(_ message: String) -> APIFailure { APIFailure(400, "BadRequest", message) }

    static func methodNotAllowed(_ what: String) -> APIFailure {
        APIFailure(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
            details: [:]
        )
    }

    static let noSuchResource = APIFailure(
        404,
        "NotFound",
        "the server could not find the requested resource",
        details: [:]
    )

    static func unsupportedMediaType(accepted: [String]) -> APIFailure {
        let list = accepted.joined(separator: ", ")
        return APIFailure(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: \(list)"
        )
    }

    static func tooLargeBody(limit: Int) -> APIFailure {
        APIFailure(
            413,
            "RequestEntityTooLarge",
            "Request entity too large: limit is \(limit)",
            details: [:]
        )
    }

    static func expired(_ message: String, continuation: String? = nil) -> APIFailure {
        APIFailure(410, "Expired", message, continuation: continuation)
    }

    static func tooLargeResourceVersion(_ wanted: Int64, current: Int64) -> APIFailure {
        APIFailure(
            504,
            "Timeout",
            "Timeout: Too large resource version: \(wanted), current: \(current)",
            details: [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                "retryAfterSeconds": 1,
            ],
            retryAfter: 1
        )
    }

    /// The 422 of one or several field errors, in the order given.
    static func invalid(kind: String, group: String, name: String, _ errors: [FieldError]) -> APIFailure {
        let qualified = group.isEmpty ? kind : "\(kind).\(group)"
        let texts = errors.map(\.description)
        let joined = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        var detail: [String: JSONValue] = [:]
        // Reviews and patches are refused without the name of their kind.
        if !kind.isEmpty { detail["kind"] = .string(kind) }
        if !name.isEmpty { detail["name"] = .string(name) }
        if !group.isEmpty { detail["group"] = .string(group) }
        detail["causes"] = .array(errors.map { .object(causeMembers($0.cause)) })
        return APIFailure(
            422,
            "Invalid",
            "\(qualified) \"\(name)\" is invalid: \(joined)",
            details: .object(detail)
        )
    }

    /// The 422 of a patch whose result cannot be read; it names no object (apiserver `handlers.patchResource`).
    static func unreadable(patch: [UInt8], _ why: String) -> APIFailure {
        let text = String(decoding: patch.prefix(512), as: UTF8.self)
        return .invalid(kind: "", group: "", name: "", [.invalid("patch", .string(text), why)])
    }

    static func causeMembers(_ cause: Cause) -> [String: JSONValue] {
        var members: [String: JSONValue] = ["reason": .string(cause.reason), "message": .string(cause.message)]
        if let field = cause.field { members["field"] = .string(field) }
        return members
    }
}
