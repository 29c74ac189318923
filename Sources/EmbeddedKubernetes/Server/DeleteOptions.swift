internal import JSONModel
internal import KubernetesAPI

/// What a deletion asks for, from its body or its query.
struct DeleteOptions: Sendable {
    enum Propagation: String, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    var propagation: Propagation?
    var gracePeriod: Int64?
    var uid: String?
    var resourceVersion: String?
    var isDryRun = false

    init() {}

    /// Reads a request.
    ///
    /// - Throws: a 400, 415 or 422 ``APIFailure``; nothing is deleted by a request that cannot be read.
    init(_ request: ResourceRequest) throws(APIFailure) {
        let stated: JSONValue
        // Where there is a body, the query says nothing (apiserver `handlers.DeleteResource`).
        if let body = try Self.body(request) { stated = body } else { stated = try Self.query(request) }
        try Self.checkTypes(stated)
        let errors = Self.errors(stated)
        guard errors.isEmpty else {
            throw .invalid(kind: "DeleteOptions", group: "meta.k8s.io", name: "", errors)
        }
        propagation = stated["propagationPolicy"]?.string.flatMap(Propagation.init(rawValue:))
        if stated["orphanDependents"]?.bool == true { propagation = .orphan }
        gracePeriod = stated["gracePeriodSeconds"]?.integer
        uid = stated.value(at: "preconditions", "uid")?.string
        resourceVersion = stated.value(at: "preconditions", "resourceVersion")?.string
        isDryRun = stated["dryRun"]?.array?.isEmpty == false
    }

    /// What the body says; `nil` without one.
    private static func body(_ request: ResourceRequest) throws(APIFailure) -> JSONValue? {
        guard let bytes = request.request.body, !bytes.isEmpty else { return nil }
        var body = try BodyDecoding.object(request).value
        if body.isNull { body = [:] }
        guard body.object != nil else { throw .badRequest("the body must be a DeleteOptions object") }
        if let kind = body["kind"]?.string, !kind.isEmpty, kind != "DeleteOptions" {
            throw .badRequest("the body must be a DeleteOptions object, and is a \(kind.prefix(64))")
        }
        return body
    }

    /// The query, in the form of a body; of a parameter sent twice the first counts, and of `dryRun` all do.
    private static func query(_ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        let query = request.request.query
        var options: [String: JSONValue] = [:]
        options["propagationPolicy"] = query.parameter("propagationPolicy").map(JSONValue.string)
        let dryRun = query.filter { $0.name == "dryRun" }.map(\.value)
        if !dryRun.isEmpty { options["dryRun"] = .array(dryRun.map(JSONValue.string)) }
        options["orphanDependents"] = query.flag("orphanDependents").map(JSONValue.bool)
        if let text = query.parameter("gracePeriodSeconds"), !text.isEmpty {
            guard let seconds = Int64(text) else {
                throw .badRequest("strconv.ParseInt: parsing \"\(text.prefix(32))\": invalid syntax")
            }
            options["gracePeriodSeconds"] = .integer(seconds)
        }
        if let uid = query.parameter("uid"), !uid.isEmpty { options["preconditions"] = ["uid": .string(uid)] }
        return .object(options)
    }

    /// Refuses members of other types: a `dryRun` that nobody understands must not delete.
    private static func checkTypes(_ options: JSONValue) throws(APIFailure) {
        func check(_ path: [String], _ type: String, _ isRight: (JSONValue) -> Bool) throws(APIFailure) {
            guard let value = options.value(path: path), !value.isNull, !isRight(value) else { return }
            let field = (path.count > 1 ? "Preconditions." : "DeleteOptions.") + path.joined(separator: ".")
            throw .badRequest(value.cannotUnmarshal(into: "struct field \(field) of type \(type)"))
        }
        try check(["propagationPolicy"], "v1.DeletionPropagation") { $0.string != nil }
        try check(["orphanDependents"], "bool") { $0.bool != nil }
        try check(["gracePeriodSeconds"], "int64") { $0.integer != nil }
        try check(["dryRun"], "[]string") { list in list.array?.allSatisfy { $0.string != nil } ?? false }
        try check(["preconditions"], "v1.Preconditions") { $0.object != nil }
        try check(["preconditions", "uid"], "types.UID") { $0.string != nil }
        try check(["preconditions", "resourceVersion"], "string") { $0.string != nil }
    }

    /// What is wrong with options of the right types (metav1 `ValidateDeleteOptions`).
    private static func errors(_ options: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        if let policy = options["propagationPolicy"]?.string {
            if options["orphanDependents"]?.bool != nil {
                errors.append(
                    .invalid(
                        "propagationPolicy",
                        .string(policy),
                        "orphanDependents and deletionPropagation cannot be both set"
                    )
                )
            }
            if Propagation(rawValue: policy) == nil {
                let supported: [JSONValue] = ["Foreground", "Background", "Orphan", "nil"]
                errors.append(.notSupported("propagationPolicy", .string(policy), supported: supported))
            }
        }
        let dryRun = options["dryRun"]?.array ?? []
        if dryRun.contains(where: { $0.string != "All" }) {
            errors.append(.notSupported("dryRun", .array(dryRun), supported: ["All"]))
        }
        return errors
    }
}
