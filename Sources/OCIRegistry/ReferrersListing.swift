internal import OCIModel
internal import OutboundHTTP

/// A referrers listing that is being read page by page: what is kept, where it goes on, when it is too much.
///
/// A value without network: it is given each page and says which URL comes next.
struct ReferrersListing: Sendable {
    struct Refusal: Error {
        let code: RegistryError.Code
        let cause: String
    }

    private let artifactType: MediaType?
    private let limits: RegistryLimits
    private var visited: Set<OutboundURL>
    private var known: Set<Digest> = []
    /// The referrers of the wanted type, each once, in the order of the listing.
    private(set) var descriptors: [Descriptor] = []
    /// Whether no page listed anything, of whatever type.
    private(set) var isBare = true

    init(first: OutboundURL, artifactType: MediaType?, limits: RegistryLimits) {
        self.artifactType = artifactType
        self.limits = limits
        visited = [first]
    }

    /// Takes in the manifests of one page.
    ///
    /// The filter is applied here whatever the registry says it filtered.
    mutating func add(_ index: ImageIndex) throws(Refusal) {
        if !index.manifests.isEmpty { isBare = false }
        for descriptor in index.manifests {
            if let artifactType, descriptor.artifactType != artifactType { continue }
            guard known.insert(descriptor.digest).inserted else { continue }
            guard descriptors.count < limits.referrers else {
                throw Refusal(code: .tooLarge, cause: "there are more than \(limits.referrers) of them")
            }
            descriptors.append(descriptor)
        }
    }

    /// The next page, given the `Link` fields of the page at `current`; `nil` when that was the last.
    mutating func next(_ links: [String], after current: OutboundURL) throws(Refusal) -> OutboundURL? {
        let target: String?
        do {
            target = try LinkField.next(links)
        } catch {
            throw Refusal(code: .malformed, cause: "the registry's Link field cannot be read")
        }
        guard let target else { return nil }
        guard let url = try? current.resolving(target) else {
            throw Refusal(code: .malformed, cause: "the registry's link to the next page is no usable URL")
        }
        guard url.origin == current.origin else {
            throw Refusal(
                code: .insecure,
                cause: "the registry's link to the next page leads to \(url.authority), not to itself"
            )
        }
        guard !visited.contains(url) else {
            throw Refusal(code: .malformed, cause: "the registry's pages link in a circle")
        }
        guard visited.count < limits.referrerPages else {
            throw Refusal(code: .tooLarge, cause: "the listing has more than \(limits.referrerPages) pages")
        }
        visited.insert(url)
        return url
    }
}
