internal import JSONModel
internal import OCIModel

/// Gives the right answer to each request; faults are applied to it afterwards.
struct RegistryResponder: Sendable {
    var configuration: EmbeddedRegistryConfiguration
    var contents = RegistryContents()
    var guardian: RegistryGuard
    var faults: [RegistryFault] = []
    var requests: [RecordedRequest] = []
    /// How many manifests were fetched by GET.
    private var pulls = 0

    init(_ configuration: EmbeddedRegistryConfiguration) {
        self.configuration = configuration
        guardian = RegistryGuard(configuration.authentication)
    }

    /// The answer, and the fault that concerns it.
    mutating func respond(to request: RecordedRequest) -> (RegistryAnswer, RegistryFault.Effect?) {
        requests.append(request)
        var effect: RegistryFault.Effect?
        if let index = faults.firstIndex(where: { $0.concerns(request) }) {
            effect = faults[index].effect
            if let times = faults[index].times { faults[index].times = times - 1 }
        }
        var answer = rightAnswer(to: request)
        if configuration.knowsEntityTags { answer = conditional(answer, request) }
        if request.method == "HEAD" {
            answer.announcedLength = answer.body.count
            answer.body = []
        }
        answer.setHeader("docker-distribution-api-version", "registry/2.0")
        return (answer, effect)
    }

    /// "Nothing changed", where the caller knows the answer already (RFC 9110 §13.1.2).
    private func conditional(_ answer: RegistryAnswer, _ request: RecordedRequest) -> RegistryAnswer {
        guard answer.status == 200, request.method == "GET" || request.method == "HEAD",
            let route = RegistryRoute(path: request.path)
        else { return answer }
        switch route {
        case .manifest, .referrers: break
        default: return answer
        }
        let tag = "\"\(Digest.of(answer.body))\""
        var answer = answer
        answer.setHeader("etag", tag)
        guard request.headers["if-none-match"] == tag else { return answer }
        answer.status = 304
        answer.body = []
        answer.setHeader("content-type", nil)
        return answer
    }

    private mutating func rightAnswer(to request: RecordedRequest) -> RegistryAnswer {
        guard let route = RegistryRoute(path: request.path) else { return .error(404, "NOT_FOUND", "no such endpoint") }
        if case .token = route { return guardian.issue(request) }
        if let repository = route.repository, (try? RepositoryName(registry: "localhost", path: repository)) == nil {
            return .error(400, "NAME_INVALID", "invalid repository name")
        }
        if let refusal = guardian.refusal(of: request, route.repository) { return refusal }
        do throws(RegistryContents.Refusal) {
            switch route {
            case .version, .token: return .json(200, .object([:]))
            case .manifest(let name, let reference): return try manifest(request, name, reference)
            case .blob(let name, let digest): return try blob(request, name, digest)
            case .uploads(let name): return try beginUpload(request, name)
            case .upload(let name, let id): return try continueUpload(request, name, id)
            case .referrers(let name, let digest): return referrers(request, name, digest)
            case .tags(let name): return try tags(name)
            }
        } catch {
            return .error(error.status, error.code, error.message)
        }
    }

    private mutating func manifest(
        _ request: RecordedRequest,
        _ name: String,
        _ reference: String
    ) throws(RegistryContents.Refusal) -> RegistryAnswer {
        let digest = try? Digest(reference)
        switch request.method {
        case "GET", "HEAD":
            let manifest = try contents.manifest(reference, name)
            var answer = RegistryAnswer(
                status: 200,
                headers: [
                    ("content-type", manifest.descriptor.mediaType.rawValue),
                    ("docker-content-digest", manifest.descriptor.digest.description),
                ],
                body: manifest.bytes
            )
            guard let quota = configuration.pullQuota else { return answer }
            if request.method == "GET" {
                guard pulls < quota else {
                    return .error(429, "TOOMANYREQUESTS", "you have reached your pull rate limit")
                }
                pulls += 1
            }
            answer.setHeader("ratelimit-limit", "\(quota);w=21600")
            answer.setHeader("ratelimit-remaining", "\(quota - pulls);w=21600")
            return answer
        case "PUT":
            let manifest = try contents.putManifest(
                request.body,
                mediaType: MediaType(request.headers["content-type"] ?? ""),
                name,
                tag: digest == nil ? reference : nil,
                expecting: digest
            )
            var answer = RegistryAnswer(status: 201)
            answer.setHeader("location", "/v2/\(name)/manifests/\(manifest.descriptor.digest)")
            answer.setHeader("docker-content-digest", manifest.descriptor.digest.description)
            if let subject = manifest.subject, configuration.hasReferrers {
                answer.setHeader("oci-subject", subject.description)
            }
            return answer
        case "DELETE":
            guard let digest, contents.deleteManifest(digest, name) else {
                return .error(404, "MANIFEST_UNKNOWN", "no manifest \(reference)")
            }
            return RegistryAnswer(status: 202)
        default:
            return .error(405, "UNSUPPORTED", "method not allowed")
        }
    }

    private func blob(
        _ request: RecordedRequest,
        _ name: String,
        _ digest: String
    ) throws(RegistryContents.Refusal) -> RegistryAnswer {
        guard request.method == "GET" || request.method == "HEAD" else {
            return .error(405, "UNSUPPORTED", "method not allowed")
        }
        let bytes = try contents.blob(digest, name)
        return RegistryAnswer(
            status: 200,
            headers: [("content-type", "application/octet-stream"), ("docker-content-digest", digest)],
            body: bytes
        )
    }

    private mutating func beginUpload(
        _ request: RecordedRequest,
        _ name: String
    ) throws(RegistryContents.Refusal) -> RegistryAnswer {
        guard request.method == "POST" else { return .error(405, "UNSUPPORTED", "method not allowed") }
        if let text = request.query["digest"] {
            return try store(request.body, name, digest: text)
        }
        let id = contents.beginUpload(name)
        return RegistryAnswer(
            status: 202,
            headers: [("location", "/v2/\(name)/blobs/uploads/\(id)"), ("range", "0-0")]
        )
    }

    private mutating func continueUpload(
        _ request: RecordedRequest,
        _ name: String,
        _ id: String
    ) throws(RegistryContents.Refusal) -> RegistryAnswer {
        switch request.method {
        case "PATCH":
            let total = try contents.appendUpload(id, name, request.body)
            return RegistryAnswer(
                status: 202,
                headers: [("location", "/v2/\(name)/blobs/uploads/\(id)"), ("range", "0-\(max(0, total - 1))")]
            )
        case "PUT":
            guard let text = request.query["digest"], let digest = try? Digest(text) else {
                return .error(400, "DIGEST_INVALID", "the digest is missing or malformed")
            }
            _ = try contents.appendUpload(id, name, request.body)
            try contents.finishUpload(id, name, digest: digest)
            return created(name, digest)
        default:
            return .error(405, "UNSUPPORTED", "method not allowed")
        }
    }

    private mutating func store(
        _ bytes: [UInt8],
        _ name: String,
        digest text: String
    ) throws(RegistryContents.Refusal) -> RegistryAnswer {
        guard let digest = try? Digest(text) else { return .error(400, "DIGEST_INVALID", "the digest is malformed") }
        return created(name, try contents.putBlob(bytes, name, expecting: digest))
    }

    private func created(_ name: String, _ digest: Digest) -> RegistryAnswer {
        RegistryAnswer(
            status: 201,
            headers: [("location", "/v2/\(name)/blobs/\(digest)"), ("docker-content-digest", digest.description)]
        )
    }

    private func referrers(_ request: RecordedRequest, _ name: String, _ digest: String) -> RegistryAnswer {
        guard configuration.hasReferrers else {
            return RegistryAnswer(
                status: 404,
                headers: [("content-type", "text/plain; charset=utf-8")],
                body: Array("404 page not found\n".utf8)
            )
        }
        guard let digest = try? Digest(digest) else { return .error(400, "DIGEST_INVALID", "not a digest") }
        var found = contents.referrers(digest, name)
        var headers: [(String, String)] = []
        let wanted = request.query["artifactType"]
        if let wanted, configuration.filtersReferrers {
            found = found.filter { $0.artifactType?.rawValue == wanted }
            headers.append(("oci-filters-applied", "artifactType"))
        }
        let start = request.query["last"].flatMap { Int($0) } ?? 0
        var page = Array(found.dropFirst(max(0, start)))
        if let size = configuration.referrersPageSize, page.count > size {
            page = Array(page.prefix(size))
            let filter = wanted.map { "artifactType=\(FormText.encode($0))&" } ?? ""
            let next = "/v2/\(name)/referrers/\(digest)?\(filter)last=\(start + size)"
            headers.append(("link", "<\(next)>; rel=\"next\""))
        }
        let index: JSONValue = .object([
            "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": .array(page.map(\.json)),
        ])
        return .json(200, index, type: MediaType.ociIndex.rawValue, headers: headers)
    }

    private func tags(_ name: String) throws(RegistryContents.Refusal) -> RegistryAnswer {
        guard let held = contents.repositories[name] else { throw RegistryContents.nameUnknown(name) }
        return .json(
            200,
            .object(["name": .string(name), "tags": .array(held.tags.keys.sorted().map { .string($0) })])
        )
    }
}
