internal import JSONModel
public import OCIModel
internal import OutboundHTTP

extension RegistryClient {
    /// Lists what refers to a manifest (distribution-spec, "Listing Referrers").
    ///
    /// The referrers API is asked first. Where a registry does not have it (404, 400, 405, 406, 501, or an answer that
    /// is no index), or lists nothing at all, the tag that clients maintain instead is read; that tag is mutable and
    /// may be absent, which means that there is nothing. What a repository lacks is not asked for again for ten minutes
    /// (see ``ReferrersKnowledge``). `NAME_UNKNOWN` is an error: a repository that is not there
    /// has no signatures to be missing. The descriptors are claims: fetch by digest, and check.
    ///
    /// - Parameters:
    ///   - repository: where to look.
    ///   - digest: the manifest that is referred to.
    ///   - artifactType: the only type that is returned; `nil` for all. Applied here, whatever the registry did.
    /// - Returns: the referrers, each once, in the order of the listing.
    /// - Throws: ``RegistryError``; `tooLarge` beyond ``RegistryLimits/referrers`` or ``RegistryLimits/referrerPages``,
    ///   `malformed` for pages in a circle, `insecure` for a link to another server.
    public func referrers(
        _ repository: RepositoryName,
        to digest: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        let deadline = deadline()
        let session = try session(for: repository)
        let asksAnew = RegistryFreshness.asksAnew
        if asksAnew || session.asksReferrersAPI(repository) {
            let listed = try await listReferrers(repository, digest, artifactType, by: deadline)
            session.learned(hasReferrersAPI: listed != nil, repository)
            if let listed, !listed.isBare || (!asksAnew && session.lacksReferrersTag(repository, digest)) {
                return listed.descriptors
            }
        }
        return try await taggedReferrers(repository, digest, artifactType, by: deadline)
    }

    /// The tag under which clients keep the referrers of a digest where a registry does not
    /// (distribution-spec, "Referrers Tag Schema"): algorithm and hexadecimal form, the latter cut after 64 characters.
    public static func referrersTag(for digest: Digest) -> String {
        "\(digest.algorithm.rawValue.prefix(32))-\(digest.hex.prefix(64))"
    }

    /// The listing of the API; `nil` when the registry does not have it.
    private func listReferrers(
        _ repository: RepositoryName,
        _ digest: Digest,
        _ artifactType: MediaType?,
        by deadline: Deadline
    ) async throws(RegistryError) -> ReferrersListing? {
        let session = try session(for: repository)
        let query = artifactType.map { "artifactType=\(PercentEncoding.encode($0.rawValue))" }
        var url = try session.endpoint.url(repository, "referrers/\(digest)", query: query)
        var listing = ReferrersListing(first: url, artifactType: artifactType, limits: configuration.limits)
        var isFirst = true
        while true {
            let request = RegistryRequest(
                repository: repository,
                subject: "the referrers of \(digest.short)",
                url: url,
                accept: [.ociIndex],
                limit: .bytes(configuration.limits.listingBytes),
                acceptedStatuses: isFirst ? [400, 404, 405, 406, 501] : [],
                isChangeable: true
            )
            let response = try await session.fetch(request, by: deadline)
            if isFirst, try Self.lacksReferrers(response, request) { return nil }
            do throws(ReferrersListing.Refusal) {
                try listing.add(try Self.index(response, request))
                guard let next = try listing.next(response.headers.values("link"), after: url) else { return listing }
                url = next
            } catch {
                session.forget(request)
                throw RegistryError(error.code, "\(request.sentence): \(error.cause)", asking: request)
            }
            isFirst = false
        }
    }

    /// Whether an answer to the first request says that there is no referrers API.
    private static func lacksReferrers(
        _ response: OutboundResponse,
        _ request: RegistryRequest
    ) throws(RegistryError) -> Bool {
        if response.status == 200 { return response.contentType != .ociIndex }
        if response.status == 404, RegistryErrorBody(response.body).codes.contains("NAME_UNKNOWN") {
            throw RegistryError(
                .repositoryNotFound,
                "\(request.sentence): the registry has no such repository",
                asking: request
            )
        }
        return true
    }

    private static func index(
        _ response: OutboundResponse,
        _ request: RegistryRequest
    ) throws(ReferrersListing.Refusal) -> ImageIndex {
        guard response.contentType == .ociIndex else {
            throw ReferrersListing.Refusal(code: .malformed, cause: "a page of the listing is no image index")
        }
        do {
            guard case .index(let index) = try Manifest(bytes: response.body, contentType: .ociIndex) else {
                throw ReferrersListing.Refusal(code: .malformed, cause: "a page of the listing is no image index")
            }
            return index
        } catch let error as OCIError {
            throw ReferrersListing.Refusal(code: .malformed, cause: error.message)
        } catch {
            throw ReferrersListing.Refusal(code: .malformed, cause: "a page of the listing is no image index")
        }
    }

    /// The referrers that clients keep under a tag; none when there is no such tag, or it is no index.
    private func taggedReferrers(
        _ repository: RepositoryName,
        _ digest: Digest,
        _ artifactType: MediaType?,
        by deadline: Deadline
    ) async throws(RegistryError) -> [Descriptor] {
        let tag = Self.referrersTag(for: digest)
        let session = try session(for: repository)
        let fetched: FetchedManifest
        do {
            fetched = try await fetchManifest(
                repository,
                tag,
                subject: "the referrers tag of \(digest.short)",
                limit: configuration.limits.listingBytes,
                by: deadline
            )
        } catch {
            guard error.code == .notFound else { throw error }
            session.learned(hasReferrersTag: false, repository, digest)
            return []
        }
        session.learned(hasReferrersTag: true, repository, digest)
        guard case .index(let index) = fetched.manifest else { return [] }
        var listing = ReferrersListing(
            first: try session.endpoint.url(repository, "manifests/\(tag)"),
            artifactType: artifactType,
            limits: configuration.limits
        )
        do {
            try listing.add(index)
        } catch {
            throw RegistryError(
                error.code,
                "cannot use the referrers tag of \(digest.short) in \(repository): \(error.cause)",
                host: repository.registry,
                repository: repository.path
            )
        }
        return listing.descriptors
    }
}
