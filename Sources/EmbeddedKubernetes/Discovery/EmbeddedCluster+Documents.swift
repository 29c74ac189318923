internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    /// Serves everything that is no resource: discovery, OpenAPI, version, health.
    func document(_ request: APIRequest) throws(APIFailure) -> APIResponse {
        guard case .other(let path) = RequestTarget(path: request.path) else { return Self.pageNotFound }
        guard request.method == .get else {
            throw .methodNotAllowed(request.path)
        }
        let accept = request.headers["accept"]
        let aggregated = DiscoveryDocuments.wantsAggregated(accept)
        switch path.first {
        case nil:
            return Self.json(
                200,
                ["paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]]
            )
        case "healthz", "livez", "readyz":
            return Self.text(
                200,
                request.query.contains { $0.name == "verbose" } ? "[+]ping ok\n\(path[0]) check passed\n" : "ok"
            )
        case "version" where path.count == 1: return Self.json(200, DiscoveryDocuments.version)
        case "api": return api(path, aggregated: aggregated, request)
        case "apis": return apis(path, aggregated: aggregated, request)
        case "openapi": return openAPI(path, request)
        case "openid" where path == ["openid", "v1", "jwks"]: return Self.json(200, tokens.keySet)
        case ".well-known" where path == [".well-known", "openid-configuration"]:
            return Self.json(
                200,
                [
                    "issuer": .string(ServiceAccountTokens.issuer),
                    "jwks_uri": .string("\(ServiceAccountTokens.issuer)/openid/v1/jwks"),
                    "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                ]
            )
        default: return Self.pageNotFound
        }
    }

    private func discovery() -> DiscoveryDocuments { DiscoveryDocuments(kinds: registry.all) }

    private func api(_ path: [String], aggregated: Bool, _ request: APIRequest) -> APIResponse {
        if path.count == 1 {
            if aggregated { return aggregatedDocument(core: true, request) }
            return Self.json(
                200,
                [
                    "kind": "APIVersions", "versions": ["v1"],
                    "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:443"]],
                ]
            )
        }
        guard path.count == 2, let list = discovery().resources(group: "", version: path[1]) else {
            return Self.pageNotFound
        }
        return Self.json(200, list)
    }

    private func apis(_ path: [String], aggregated: Bool, _ request: APIRequest) -> APIResponse {
        switch path.count {
        case 1: return aggregated ? aggregatedDocument(core: false, request) : Self.json(200, discovery().groupList)
        case 2: return discovery().group(path[1]).map { Self.json(200, $0) } ?? Self.pageNotFound
        case 3:
            return discovery().resources(group: path[1], version: path[2]).map { Self.json(200, $0) }
                ?? Self.pageNotFound
        default: return Self.pageNotFound
        }
    }

    private func aggregatedDocument(core: Bool, _ request: APIRequest) -> APIResponse {
        let documents = discovery()
        let cached = discoveryCache.document(core ? "api" : "apis", revision: registry.revision) {
            let body = JSONSerializer().bytes(documents.aggregated(core: core))
            return APIResponse(
                status: 200,
                headers: [
                    "content-type": DiscoveryDocuments.aggregatedType, "etag": "\"\(DiscoveryCache.tag(body))\"",
                    "vary": "Accept", "cache-control": "public",
                ],
                body: body
            )
        }
        guard let cached else { return Self.pageNotFound }
        if let known = request.headers["if-none-match"], known == cached.headers["etag"] {
            return APIResponse(status: 304, headers: cached.headers)
        }
        return cached
    }

    /// The older document: it describes nothing, and clients go by v3.
    ///
    /// `kubectl apply` of a `kind: List` insists that there is one, to look the List up in it.
    private static func openAPIv2(_ accept: String) -> APIResponse {
        if accept.contains("application/com.github.proto-openapi.spec.v2") {
            // Document{swagger: "2.0", info: {title: "Kubernetes", version: "v1.36.2"}}
            let info = [0x0A, 10] + Array("Kubernetes".utf8) + [0x12, 7] + Array("v1.36.2".utf8)
            let body = [0x0A, 3] + Array("2.0".utf8) + [0x12, UInt8(info.count)] + info
            return APIResponse(
                status: 200,
                headers: [
                    "content-type": "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                    "etag": "\"\(DiscoveryCache.tag(body))\"", "cache-control": "no-cache, private",
                ],
                body: body
            )
        }
        return json(
            200,
            [
                "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": [:],
                "definitions": [:],
            ]
        )
    }

    private func openAPI(_ path: [String], _ request: APIRequest) -> APIResponse {
        if path == ["openapi", "v2"] { return Self.openAPIv2(request.headers["accept"] ?? "") }
        guard path.count >= 2, path[1] == "v3" else { return Self.pageNotFound }
        let documents = OpenAPIDocuments(kinds: registry.all)
        if path.count == 2 {
            // JSON that the server does not call so: it leaves the type to Go's guess.
            return discoveryCache.document("openapi", revision: registry.revision) {
                APIResponse(
                    status: 200,
                    headers: ["content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private"],
                    body: JSONSerializer().bytes(documents.index)
                )
            } ?? Self.pageNotFound
        }
        let name = path.dropFirst(2).joined(separator: "/")
        return discoveryCache.document("openapi/\(name)", revision: registry.revision) {
            documents.document(name).map { document in
                let body = JSONSerializer().bytes(document)
                return APIResponse(
                    status: 200,
                    headers: [
                        "content-type": "application/json", "etag": "\"\(DiscoveryCache.tag(body))\"",
                        "cache-control": "public, immutable",
                    ],
                    body: body
                )
            }
        } ?? Self.pageNotFound
    }
}
