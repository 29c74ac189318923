internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func get(_ request: ResourceRequest) throws(APIFailure) -> APIResponse {
        let store = request.readVersion == nil ? store : view(request)
        guard let object = store.object(request.resource, request.key) else { throw request.notFound() }
        return try answer(200, object, request)
    }

    /// Waits for a version from the future, which may be about to arrive.
    ///
    /// - Throws: a 504 ``APIFailure`` when it does not.
    func waitForVersion(_ revision: Int64, _ request: ResourceRequest) async throws(APIFailure) {
        guard revision > 0, revision > view(request).revision else { return }
        try? await clock.sleep(for: configuration.futureVersionWait)
        let present = view(request).revision
        if revision > present { throw .tooLargeResourceVersion(revision, current: present) }
    }

    /// The cluster as a read sees it.
    func view(_ request: ResourceRequest) -> ObjectStore {
        guard let version = request.readVersion else {
            // Puts the keys in order once for all who read.
            _ = store.snapshot(request.resource)
            return store
        }
        return store.rewound(request.resource, to: version)
    }

    func filter(_ request: ResourceRequest) throws(APIFailure) -> ObjectFilter {
        let query = request.request.query
        return ObjectFilter(
            kind: request.kind,
            namespace: request.namespace,
            labels: try LabelSelectorExpression(query.parameter("labelSelector") ?? ""),
            fields: try FieldSelectorExpression(query.parameter("fieldSelector") ?? "", kind: request.kind)
        )
    }

    func list(_ request: ResourceRequest, _ options: ListOptions) async throws(APIFailure) -> APIResponse {
        let form = try Representation.negotiate(request.request.headers["accept"], .list, request.kind)
        let filter = try filter(request)
        let revision = try options.revision()
        if options.continuation == nil { try await waitForVersion(revision, request) }
        let page = try page(request, options, filter, revision: revision)
        var metadata: [String: JSONValue] = ["resourceVersion": .string(String(page.revision))]
        if let next = page.continuation { metadata["continue"] = .string(next) }
        if let remaining = page.remaining { metadata["remainingItemCount"] = .integer(Int64(remaining)) }
        let renderer = ObjectRenderer(kind: request.kind, representation: form)
        return Self.json(200, body: renderer.list(page.objects, metadata: metadata, now: request.now))
    }

    private struct Page {
        var objects: [StoredObject]
        var revision: Int64
        var continuation: String?
        var remaining: Int?
    }

    private func page(
        _ request: ResourceRequest,
        _ options: ListOptions,
        _ filter: ObjectFilter,
        revision: Int64
    ) throws(APIFailure) -> Page {
        var start: ObjectKey?
        var store = view(request)
        var at = store.revision
        var source = store.snapshot(request.resource)
        if let text = options.continuation {
            guard let token = ContinueToken(text) else {
                throw .badRequest(
                    "invalid continue token: continue key is not valid: illegal base64 data or unknown token"
                )
            }
            start = token.start
            // The token of an expired page continues at the present.
            if token.revision > 0 {
                guard
                    let retained = past(request.resource, token.revision, in: store)
                        ?? (token.revision == store.revision ? source : nil)
                else {
                    throw .expired(
                        "The provided continue parameter is too old to display a consistent list result. You can "
                            + "start a new list without the continue parameter, or use the continue token in this "
                            + "response to retrieve the remainder of the results. Continuing with the provided token "
                            + "results in an inconsistent list - objects that were created, modified, or deleted "
                            + "between the time the first chunk was returned and now may show up in the list.",
                        continuation: ContinueToken(revision: -1, start: token.start).text
                    )
                }
                source = retained
                at = token.revision
            }
        } else if options.wantsExactVersion, revision != store.revision {
            guard let retained = past(request.resource, revision, in: store) else {
                throw .expired("The resourceVersion for the provided list is too old.")
            }
            source = retained
            at = revision
        }
        // A list at version 0 is served whole, as the watch cache does.
        let limit = options.resourceVersion == "0" ? nil : options.limit
        return collect(source, after: start, limit: limit, filter, request.resource, revision: at)
    }

    /// A resource as it was at a past revision: kept for pages, or told from its history; `nil` when both are gone.
    private func past(
        _ resource: GroupResource,
        _ revision: Int64,
        in store: ObjectStore
    ) -> (objects: [ObjectKey: StoredObject], keys: [ObjectKey])? {
        if let kept = store.retainedSnapshot(resource, at: revision) { return kept }
        guard revision < store.revision, revision >= store.compactedRevision(resource) else { return nil }
        var past = store.rewound(resource, to: revision)
        return past.snapshot(resource)
    }

    private func collect(
        _ source: (objects: [ObjectKey: StoredObject], keys: [ObjectKey]),
        after start: ObjectKey?,
        limit: Int?,
        _ filter: ObjectFilter,
        _ resource: GroupResource,
        revision: Int64
    ) -> Page {
        var page = Page(objects: [], revision: revision)
        var index = start.map { start in source.keys.partitioningIndex { $0 > start } } ?? 0
        var last: ObjectKey?
        while index < source.keys.count {
            let key = source.keys[index]
            index += 1
            guard filter.matchesNamespace(key.namespace), let object = source.objects[key],
                filter.matches(object)
            else { continue }
            if let limit, page.objects.count == limit {
                page.continuation = ContinueToken(revision: revision, start: last ?? key).text
                if filter.isEverything {
                    page.remaining = source.keys[(index - 1)...].count { filter.matchesNamespace($0.namespace) }
                }
                if revision == store.revision { store.retainSnapshot(resource, limit: 8) }
                break
            }
            page.objects.append(object)
            last = key
        }
        return page
    }
}

extension Array {
    /// The first index whose element satisfies the predicate, in an array partitioned by it.
    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Where the next page of a list starts.
struct ContinueToken: Sendable, Hashable {
    /// The revision of the first page; -1 for the present.
    var revision: Int64
    /// The last key of the page before.
    var start: ObjectKey

    init(revision: Int64, start: ObjectKey) {
        self.revision = revision
        self.start = start
    }

    init?(_ text: String) {
        guard text.utf8.count <= 2048, let data = Data(base64Encoded: text),
            let value = try? JSONParser().parse(Array(data)), value["v"]?.string == "meta.k8s.io/v1",
            let revision = value["rv"]?.integer, let namespace = value["ns"]?.string, let name = value["name"]?.string
        else { return nil }
        self.init(revision: revision, start: ObjectKey(namespace: namespace, name: name))
    }

    var text: String {
        let value: JSONValue = [
            "v": "meta.k8s.io/v1", "rv": .integer(revision), "ns": .string(start.namespace),
            "name": .string(start.name),
        ]
        return Data(JSONSerializer().bytes(value)).base64EncodedString()
    }
}
