internal import JSONModel

/// Kinds that are questions, not objects: they are answered and not stored.
///
/// Everybody may do everything here.
enum Reviews {
    static func answer(_ request: ResourceRequest) throws(APIFailure) -> JSONValue? {
        let status: JSONValue
        switch request.kind.kind {
        case "SelfSubjectAccessReview", "SubjectAccessReview", "LocalSubjectAccessReview": status = ["allowed": true]
        case "SelfSubjectReview":
            status = ["userInfo": ["username": "system:admin", "groups": ["system:masters", "system:authenticated"]]]
        case "SelfSubjectRulesReview":
            status = [
                "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
                "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]], "incomplete": false,
            ]
        case "TokenReview":
            status = ["authenticated": false, "error": "this stand-in authenticates nobody", "user": [:]]
        default: return nil
        }
        var object = try BodyDecoding.object(request).value
        guard object.object != nil else { throw .badRequest("the body must be a \(request.kind.kind) object") }
        object.set("apiVersion", .string(request.kind.groupVersion))
        object.set("kind", .string(request.kind.kind))
        object.set("status", status)
        return object
    }
}
