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
    /// - Throws: a 400 or 422 ``APIFailure`` with everything that kube-apiserver finds wrong.
    init(_ query: [APIRequest.QueryItem], allowsWatchList: Bool) throws(APIFailure) {
        func text(_ name: String) -> String? { query.parameter(name).flatMap { $0.isEmpty ? nil : $0 } }
        limit = try Self.number(query.parameter("limit")).map { Int(clamping: max(0, $0)) }
        if limit == 0 { limit = nil }
        continuation = text("continue")
        resourceVersion = text("resourceVersion") ?? ""
        match = text("resourceVersionMatch")
        isWatch = query.flag("watch") ?? false
        wantsBookmarks = query.flag("allowWatchBookmarks") ?? false
        sendInitialEvents = query.flag("sendInitialEvents")
        timeoutSeconds = try Self.number(query.parameter("timeoutSeconds"))
        // Zero is no timeout, and not one that has passed.
        if timeoutSeconds == 0 { timeoutSeconds = nil }
        // A watch that starts anywhere begins with the state, as if it had asked for that (SetListOptionsDefaults).
        if allowsWatchList, isWatch, sendInitialEvents == nil, match == nil, ["", "0"].contains(resourceVersion) {
            sendInitialEvents = true
            match = "NotOlderThan"
        }
        let errors = isWatch ? watchErrors(allowsWatchList) : listErrors()
        guard errors.isEmpty else {
            throw .invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", errors)
        }
        if continuation != nil, !isWatch, !resourceVersion.isEmpty, resourceVersion != "0" {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
    }

    /// Whether the list must be of its very version: where that is said, and where pages of a version are asked for.
    var wantsExactVersion: Bool {
        match == "Exact" || (match == nil && limit != nil && !["", "0"].contains(resourceVersion))
    }

    private static func number(_ text: String?) throws(APIFailure) -> Int64? {
        guard let text else { return nil }
        if let number = Int64(text) { return number }
        throw .badRequest("strconv.ParseInt: parsing \(PolicyRule.quoted(text)): \(problem(text))")
    }

    /// What Go finds wrong with a text that is no number of 64 bits.
    private static func problem(_ text: String) -> String {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        let isNumber = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber ? "value out of range" : "invalid syntax"
    }

    // MARK: - Combinations (apimachinery/pkg/apis/meta/internalversion/validation)

    private static func forbidden(_ why: String) -> FieldError { .forbidden("resourceVersionMatch", why) }

    private func listErrors() -> [FieldError] {
        var errors: [FieldError] = []
        if let match {
            if resourceVersion.isEmpty {
                errors.append(Self.forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            if continuation != nil {
                errors.append(Self.forbidden("resourceVersionMatch is forbidden when continue is provided"))
            }
            let known: [JSONValue] = ["Exact", "NotOlderThan", ""]
            if !known.contains(.string(match)) {
                errors.append(.notSupported("resourceVersionMatch", .string(match), supported: known))
            }
            if match == "Exact", resourceVersion == "0" {
                errors.append(Self.forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
            }
        }
        if sendInitialEvents != nil {
            errors.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
        }
        return errors
    }

    private func watchErrors(_ allowsWatchList: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        if sendInitialEvents != nil {
            if match != "NotOlderThan" {
                errors.append(
                    Self.forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
                )
            }
            if !allowsWatchList {
                let why = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
                errors.append(.forbidden("sendInitialEvents", why))
            }
        }
        guard let match else { return errors }
        if sendInitialEvents == nil {
            errors.append(
                Self.forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
            )
        }
        if match != "NotOlderThan" {
            errors.append(.notSupported("resourceVersionMatch", .string(match), supported: ["NotOlderThan"]))
        }
        if continuation != nil {
            errors.append(Self.forbidden("resourceVersionMatch is forbidden when continue is provided"))
        }
        return errors
    }

    // MARK: - Version

    /// The resource version as a number; 0 when none was given.
    ///
    /// - Throws: a 400 ``APIFailure`` for a list at what is no version, and a 500 for a watch.
    func revision() throws(APIFailure) -> Int64 {
        do throws(APIFailure) {
            return try Self.revision(resourceVersion)
        } catch {
            throw isWatch ? error : APIFailure.badRequest("invalid resource version: \(error.message)")
        }
    }

    /// A resource version as a number; 0 for none.
    ///
    /// - Throws: a 500 ``APIFailure`` without a reason, as every request but a list is refused.
    static func revision(_ text: String) throws(APIFailure) -> Int64 {
        if text.isEmpty { return 0 }
        // Versions are unsigned; none that is larger than a signed one has been given out.
        if let number = UInt64(text) { return Int64(clamping: number) }
        let isNegative = text.hasPrefix("-")
        let quoted = PolicyRule.quoted(text)
        throw APIFailure(
            500,
            "",
            "resourceVersion: Invalid value: \(quoted): strconv.ParseUint: parsing \(quoted): "
                + (isNegative ? "invalid syntax" : problem(text))
        )
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
        wantsForce = value("force").map([APIRequest.QueryItem].isTrue)
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
