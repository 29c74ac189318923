internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    private enum PatchType: String {
        case json = "application/json-patch+json"
        case merge = "application/merge-patch+json"
        case strategic = "application/strategic-merge-patch+json"
        case apply = "application/apply-patch+yaml"
    }

    func patch(_ request: inout ResourceRequest) throws(APIFailure) -> APIResponse {
        let options = try WriteOptions(request)
        let type = try patchType(request)
        if type == .apply { return try apply(&request, options) }
        if options.wantsForce != nil {
            throw WriteOptions.refusal(.forbidden("force", "may not be specified for non-apply patch"), request)
        }
        let decoded = try BodyDecoding.json(request.request.body ?? [], what: request.kind)
        guard let old = store.object(request.resource, request.key) else { throw request.notFound() }
        var object = try patched(old, decoded.value, type, request)
        try BodyDecoding.report(
            decoded.problems + BodyDecoding.unknownFields(object, request.kind),
            options,
            &request
        )
        object = try readable(object, request)
        return try answer(200, try update(object, old: old, request, options), request)
    }

    /// The patched object, in the form in which it is stored.
    private func readable(_ object: JSONValue, _ request: ResourceRequest) throws(APIFailure) -> JSONValue {
        var object = object
        do throws(APIFailure) {
            try BodyDecoding.checkKind(object, request.kind)
            try BodyDecoding.cleanMetadata(&object, request.kind)
            return try storedForm(object, request.kind)
        } catch {
            // What a client sends is its mistake; what a patch makes of an object is a wrong patch.
            guard error.code == 400 else { throw error }
            throw .unreadable(patch: request.request.body ?? [], error.message)
        }
    }

    private func patchType(_ request: ResourceRequest) throws(APIFailure) -> PatchType {
        var accepted: [PatchType] = [.json, .merge, .apply]
        if request.kind.custom == nil { accepted.insert(.strategic, at: 2) }
        guard let type = PatchType(rawValue: request.contentType), accepted.contains(type) else {
            throw .unsupportedMediaType(accepted: accepted.map(\.rawValue))
        }
        return type
    }

    /// The old object, in the version asked for, with the patch applied.
    private func patched(
        _ old: JSONValue,
        _ patch: JSONValue,
        _ type: PatchType,
        _ request: ResourceRequest
    ) throws(APIFailure) -> JSONValue {
        let current = ObjectRenderer(kind: request.kind, representation: .object).object(old)
        switch type {
        case .merge, .strategic, .apply:
            guard patch.object != nil else { throw .badRequest("a merge patch must be an object") }
            return type == .strategic
                ? StrategicMergePatch.apply(patch, to: current) : MergePatch.apply(patch, to: current)
        case .json:
            do throws(JSONPatch.Problem) {
                return try JSONPatch(patch).apply(to: current)
            } catch {
                switch error {
                case .malformed(let why): throw .badRequest("error decoding patch: \(why)")
                case .tooMany(let count):
                    throw APIFailure(
                        413,
                        "RequestEntityTooLarge",
                        "Request entity too large: The allowed maximum operations in a JSON patch is "
                            + "\(JSONPatch.maximumOperations), got \(count)"
                    )
                case .inapplicable:
                    throw APIFailure(
                        422,
                        "Invalid",
                        "the server rejected our request due to an error in our request",
                        details: [:]
                    )
                }
            }
        }
    }

    /// Server-side apply: an absent object is created, a present one merged.
    private func apply(_ request: inout ResourceRequest, _ options: WriteOptions) throws(APIFailure) -> APIResponse {
        guard options.hasExplicitManager else {
            throw .invalid(
                kind: "PatchOptions",
                group: "meta.k8s.io",
                name: "",
                [.required("fieldManager", "is required for apply patch")]
            )
        }
        let decoded = try BodyDecoding.yaml(request.request.body ?? [], what: request.kind)
        var object = decoded.value
        try AppliedTyping.check(object, request.kind)
        try BodyDecoding.report(decoded.problems, options, &request)
        try BodyDecoding.cleanMetadata(&object, request.kind)
        object = try storedForm(object, request.kind)
        guard let old = store.object(request.resource, request.key) else {
            guard request.subresource.isEmpty else { throw request.notFound() }
            // The address names what is changed, not what is made (apiserver `rest.EnsureObjectNameMatches`).
            guard !APIObject(object).name.isEmpty else {
                throw .badRequest(
                    "the name of the object (\(request.name) based on URL) was undeterminable: name must be provided"
                )
            }
            if !APIObject(object).uid.isEmpty {
                throw .conflict(
                    request.kind.served,
                    request.name,
                    "uid mismatch: the provided object specified uid \(APIObject(object).uid), "
                        + "and no existing object was found"
                )
            }
            let applied = AppliedConfiguration(stated: stated(object, request), force: options.force)
            return try answer(201, try create(object, request: &request, options, applied), request)
        }
        let (merged, applied) = merge(object, into: old, request, options)
        return try answer(200, try update(merged, old: old, request, options, applied), request)
    }
}
