import OCIModel
import OutboundHTTP

/// Pushes blobs and manifests to one repository of a registry on loopback (OCI distribution specification, "Push").
struct RegistryUpload: Sendable {
    let client: OutboundHTTPClient
    /// `host:port`.
    let registry: String
    /// The path of the repository.
    let path: String

    /// The repository, as policies and references name it.
    var repository: String { "\(registry)/\(path)" }

    /// Pushes a blob in one piece.
    func blob(_ bytes: [UInt8]) async throws {
        let start = try url("blobs/uploads/")
        let opened = try await client.send(OutboundRequest(.post, start, body: []), limit: .kibibytes(64))
        guard opened.status == 202, let location = opened.headers["location"] else {
            throw refusal(of: start, opened)
        }
        let separator = location.contains("?") ? "&" : "?"
        let target = try start.resolving(location + separator + "digest=" + Digest.of(bytes).description)
        let headers: HeaderFields = ["content-type": "application/octet-stream"]
        let done = try await client.send(
            OutboundRequest(.put, target, headers: headers, body: bytes),
            limit: .kibibytes(64)
        )
        guard done.status == 201 else { throw refusal(of: target, done) }
    }

    /// Pushes a manifest or an index, under its digest or a tag.
    func manifest(_ bytes: [UInt8], mediaType: MediaType, tag: String? = nil) async throws {
        let target = try url("manifests/\(tag ?? Digest.of(bytes).description)")
        let headers: HeaderFields = ["content-type": mediaType.rawValue]
        let done = try await client.send(
            OutboundRequest(.put, target, headers: headers, body: bytes),
            limit: .kibibytes(64)
        )
        guard done.status == 201 else { throw refusal(of: target, done) }
    }

    private func url(_ tail: String) throws -> OutboundURL {
        try OutboundURL(scheme: .http, authority: registry, path: "/v2/\(path)/\(tail)")
    }

    private func refusal(of url: OutboundURL, _ response: OutboundResponse) -> DemoError {
        DemoError(
            .toolFailed,
            "docker-registry answered \(response.status) to \(url); it said:",
            logTail: [String(decoding: response.body.prefix(500), as: UTF8.self)]
        )
    }
}
