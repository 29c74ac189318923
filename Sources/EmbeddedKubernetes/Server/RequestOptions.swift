internal import JSONModel
internal import KubernetesAPI

/// The parameters of a read.
struct ListOptions: Sendable {
    var limit: Int?
    var continuation: String?
    var resourceVersion: String
    var match: String?
    var isWatch: Bool
    var wantsBookmarks: Bool
    var sendInitialEvents: Bool?
    var timeoutSeconds: Int64?

    /// Reads the query; without `allowsWatchList`, as a server whose feature gate WatchList is off.
    ///
    /// - Throws: a 400 or 422 ``APIFailure``, in the order in which kube-apiserver checks.
    init(_ query: [APIRequest.QueryItem], allowsWatchList: Bool) throws(APIFailure) {
        func value(_ name: String) -> String? { query.last { $0.name == name && !$0.value.isEmpty }?.value }
        func flag(_ name: String) -> Bool? { value(name).map { $0 == "true" || $0 == "1" || $0 == "True" } }
        limit = try Self.number(value("limit"), "limit").map { Int(clamping: max(0, $0)) }
        if limit == 0 { limit = nil }
        continuation = value("continue")
        resourceVersion = value("resourceVersion") ?? ""
        match = value("resourceVersionMatch")
        isWatch = flag("watch") ?? false
        wantsBookmarks = flag("allowWatchBookmarks") ?? false
        sendInitialEvents = flag("sendInitialEvents")
        timeoutSeconds = try Self.number(value("timeoutSeconds"), "timeoutSeconds")
        try check(allowsWatchList)
    }

    private static func number(_ text: String?, _ name: String) throws(APIFailure) -> Int64? {
        guard let text else { return nil }
        guard let number = Int64(text) else {
            throw .badRequest(
                "unable to decode \(name): strconv.ParseInt: parsing \"\(text.prefix(32))\": invalid syntax"
            )
        }
        return number
    }

    private func refuse(_ error: FieldError) -> APIFailure {
        .invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", [error])
    }

    /// A match without `sendInitialEvents`: it needs a list, a version, and for `Exact` a real one.
    private func checkMatch(_ match: String) throws(APIFailure) {
        func forbid(_ why: String) -> APIFailure { refuse(.forbidden("resourceVersionMatch", why)) }
        if isWatch { throw forbid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided") }
        if resourceVersion.isEmpty {
            throw forbid("resourceVersionMatch is forbidden unless resourceVersion is provided")
        }
        if match == "Exact", resourceVersion == "0" {
            throw forbid("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")
        }
    }

    private func check(_ allowsWatchList: Bool) throws(APIFailure) {
        if let sendInitialEvents {
            if !isWatch { throw refuse(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")) }
            if !allowsWatchList {
                throw refuse(
                    .forbidden(
                        "sendInitialEvents",
                        "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
                    )
                )
            }
            if sendInitialEvents, match != "NotOlderThan" {
                throw refuse(
                    .forbidden(
                        "resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
                    )
                )
            }
        } else if let match {
            try checkMatch(match)
        }
        if let match, !["Exact", "NotOlderThan"].contains(match) {
            throw refuse(
                .notSupported("resourceVersionMatch", .string(match), supported: ["Exact", "NotOlderThan", ""])
            )
        }
        if continuation != nil, !isWatch, !resourceVersion.isEmpty, resourceVersion != "0" {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
    }

    /// The resource version as a number; 0 when none was given.
    func revision() throws(APIFailure) -> Int64 {
        if resourceVersion.isEmpty { return 0 }
        guard let revision = Int64(resourceVersion), revision >= 0 else {
            throw .badRequest(
                "Invalid value: \"\(resourceVersion.prefix(64))\": strconv.ParseUint: "
                    + "parsing \"\(resourceVersion.prefix(64))\": invalid syntax"
            )
        }
        return revision
    }
}

/// The parameters of a write.
struct WriteOptions: Sendable {
    enum FieldValidation: String, Sendable {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    var isDryRun: Bool
    var fieldManager: String
    var hasExplicitManager: Bool
    var fieldValidation: FieldValidation
    /// `nil`: not said.
    var wantsForce: Bool?
    var force: Bool { wantsForce ?? false }

    /// Reads the query of a request; the field manager falls back to the client's product name.
    ///
    /// - Throws: a 400 or 422 ``APIFailure``.
    init(_ request: ResourceRequest) throws(APIFailure) {
        let query = request.request.query
        func value(_ name: String) -> String? { query.last { $0.name == name && !$0.value.isEmpty }?.value }
        func refuse(_ error: FieldError) -> APIFailure { Self.refusal(error, request) }
        let dryRun = query.filter { $0.name == "dryRun" }.map(\.value)
        // A word that nobody knows must not become a write.
        guard dryRun.allSatisfy({ $0 == "All" }) else {
            throw refuse(.notSupported("dryRun", .array(dryRun.map(JSONValue.string)), supported: ["All"]))
        }
        isDryRun = !dryRun.isEmpty
        let manager = value("fieldManager")
        hasExplicitManager = manager != nil
        if let manager, manager.utf8.count > 128 {
            throw refuse(
                FieldError(kind: .tooLong, field: "fieldManager", message: "Too long: may not be more than 128 bytes")
            )
        }
        fieldManager = manager ?? String(request.userAgent.prefix { $0 != "/" }.prefix(128))
        if let text = value("fieldValidation") {
            guard let known = FieldValidation(rawValue: text) else {
                throw refuse(
                    .notSupported("fieldValidation", .string(text), supported: ["", "Ignore", "Strict", "Warn"])
                )
            }
            fieldValidation = known
        } else {
            fieldValidation = .warn
        }
        // As Go reads it: all but `0` and `false` is true.
        wantsForce = value("force").map { $0 != "0" && $0.lowercased() != "false" }
    }

    /// The 422 that says which options it is about.
    static func refusal(_ error: FieldError, _ request: ResourceRequest) -> APIFailure {
        let kind =
            switch request.request.method {
            case .put: "UpdateOptions"
            case .patch: "PatchOptions"
            default: "CreateOptions"
            }
        return .invalid(kind: kind, group: "meta.k8s.io", name: "", [error])
    }
}
