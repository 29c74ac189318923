internal import KubernetesAPI

/// The requests for the objects of one resource.
struct ResourceRequests: Sendable {
    let resource: ResourceType
    /// Who writes, unless the options of a write say otherwise.
    let fieldManager: String

    func get(_ name: String, _ namespace: String?) -> APIRequest {
        APIRequest(.get, resource.path(namespace: namespace, name: name))
    }

    func create(_ body: [UInt8], _ namespace: String?, _ options: WriteOptions) -> APIRequest {
        write(.post, resource.path(namespace: namespace), body, options)
    }

    func replace(
        _ name: String,
        _ namespace: String?,
        _ subresource: String?,
        _ body: [UInt8],
        _ options: WriteOptions
    ) -> APIRequest {
        write(.put, resource.path(namespace: namespace, name: name, subresource: subresource), body, options)
    }

    func patch(
        _ name: String,
        _ namespace: String?,
        _ subresource: String?,
        _ patch: Patch,
        _ options: WriteOptions
    ) -> APIRequest {
        var options = options
        var isForced = false
        if case .apply(_, let manager, let force) = patch {
            options.fieldManager = manager
            isForced = force
        }
        let path = resource.path(namespace: namespace, name: name, subresource: subresource)
        var request = write(.patch, path, patch.body, options)
        request.headers["content-type"] = patch.contentType
        if isForced { request.query.append(APIRequest.QueryItem("force", "true")) }
        return request
    }

    func delete(_ name: String, _ namespace: String?, _ options: DeleteOptions) -> APIRequest {
        deletion(resource.path(namespace: namespace, name: name), [], options)
    }

    func deleteAll(_ selection: ObjectSelection, _ options: DeleteOptions) -> APIRequest {
        deletion(resource.path(namespace: selection.namespace), selection.query, options)
    }

    private func deletion(
        _ path: String,
        _ query: [APIRequest.QueryItem],
        _ options: DeleteOptions
    ) -> APIRequest {
        APIRequest(
            .delete,
            path,
            query: query,
            headers: ["content-type": "application/json"],
            body: options.body
        )
    }

    private func write(
        _ method: APIRequest.Method,
        _ path: String,
        _ body: [UInt8],
        _ options: WriteOptions
    ) -> APIRequest {
        APIRequest(
            method,
            path,
            query: options.query(manager: fieldManager),
            headers: ["content-type": "application/json"],
            body: body
        )
    }
}
