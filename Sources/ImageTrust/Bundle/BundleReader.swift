import FoundationEssentials
import JSONModel
import NotaryVerification
import OCIModel
import OCIRegistry
import TrustModel

/// Reads the parts of a bundle whose members have the listed digests.
struct BundleReader {
    private struct ManifestKey: Hashable {
        let content: Digest
        let mediaType: MediaType
    }

    private let members: [String: [UInt8]]
    /// The members that nothing spoke of yet.
    private var left: Set<String>
    // The same content may be spoken of many times; it is read once.
    private var manifests: [ManifestKey: Manifest] = [:]
    private var listings: [Digest: [Descriptor]] = [:]
    private var digests: [Digest: Digest] = [:]

    init(members: [String: [UInt8]]) {
        self.members = members
        left = Set(members.keys)
        // For other tools only.
        left.subtract([EvidenceBundle.MemberName.layout, EvidenceBundle.MemberName.index])
    }

    /// Checks that there is no member which nothing speaks of.
    func checkNothingIsLeft() throws(BundleError) {
        for name in [EvidenceBundle.MemberName.layout, EvidenceBundle.MemberName.index] where members[name] == nil {
            throw BundleError("the member \(name) is missing")
        }
        if let name = left.min() { throw BundleError("nothing speaks of the member \(name)") }
    }

    private mutating func content(_ name: String, named digest: Digest) throws(BundleError) -> [UInt8] {
        guard let bytes = members[name] else { throw BundleError("the member \(name) is missing") }
        // The list says so of the name already, but a list can be made to fit.
        guard left.remove(name) == nil || digest.matches(bytes) else {
            throw BundleError("the member \(name) does not match the digest in its name")
        }
        return bytes
    }

    // MARK: - Policies

    mutating func policies() throws(BundleError) -> EvidenceBundle.Policies {
        if let list = members[EvidenceBundle.MemberName.objects] {
            left.remove(EvidenceBundle.MemberName.objects)
            return .objects(list)
        }
        guard let document = members[EvidenceBundle.MemberName.notation] else {
            throw BundleError("there are no policies in it")
        }
        left.remove(EvidenceBundle.MemberName.notation)
        var stores: [EvidenceBundle.TrustStoreFiles] = []
        for name in left.filter({ $0.hasPrefix(EvidenceBundle.MemberName.stores) }).sorted() {
            let parts = name.dropFirst(EvidenceBundle.MemberName.stores.count).split(separator: "/")
            guard parts.count == 3, let kind = TrustStore.Kind(rawValue: String(parts[0])), let bytes = members[name]
            else { throw BundleError("\(name) is no file of a trust store") }
            let store = String(parts[1])
            if let last = stores.indices.last, stores[last].kind == kind, stores[last].name == store {
                stores[last].files.append(bytes)
            } else {
                stores.append(EvidenceBundle.TrustStoreFiles(kind: kind, name: store, files: [bytes]))
            }
            left.remove(name)
        }
        return .notation(document: document, stores: stores)
    }

    // MARK: - Images

    mutating func image(_ value: JSONValue, _ place: String) throws(BundleError) -> EvidenceBundle.Image {
        var object = try StrictObject(value, place)
        let text = try object.string("image")
        let container = try object.place()
        let indexes = try object.digests("indexes")
        var recorded = try object.object("recorded")
        guard let verdict = Verdict(rawValue: try recorded.string("verdict")) else {
            throw recorded.error("verdict", "is not known")
        }
        let held = EvidenceBundle.RecordedVerdict(
            verdict: verdict,
            reason: Reason(rawValue: try recorded.string("reason")),
            message: try recorded.string("message")
        )
        try recorded.end()
        let exchanges = try exchanges(try object.array("registry"), "\(place).registry")
        let revocation = try revocation(try object.array("revocation"), "\(place).revocation")
        try object.end()
        return EvidenceBundle.Image(
            text: text,
            place: container,
            indexes: indexes,
            exchanges: exchanges,
            revocation: revocation,
            recorded: held
        )
    }

    private mutating func exchanges(
        _ list: [JSONValue],
        _ place: String
    ) throws(BundleError) -> [RecordingRegistry.Exchange] {
        guard list.count <= EvidenceBundle.maximumQuestions else { throw BundleError("\(place) has too many entries") }
        var exchanges: [RecordingRegistry.Exchange] = []
        var known: Set<RecordingRegistry.Question> = []
        for (index, value) in list.enumerated() {
            let exchange = try exchange(value, "\(place)[\(index)]")
            guard known.insert(exchange.question).inserted else {
                throw BundleError("\(place)[\(index)] asks what was asked before")
            }
            exchanges.append(exchange)
        }
        return exchanges
    }

    private mutating func exchange(
        _ value: JSONValue,
        _ place: String
    ) throws(BundleError) -> RecordingRegistry.Exchange {
        var object = try StrictObject(value, place)
        var answer = try object.object("answer")
        let ask = try object.string("ask")
        if ask == "resolve" {
            let reference = try object.read("reference") { text throws(OCIError) in try ImageReference(text) }
            try object.end()
            let failure = try answer.failure(reference.repository)
            return RecordingRegistry.Exchange(
                question: .resolve(reference),
                answer: failure == nil ? try manifest(&answer, digest: reference.digest) : failure
            )
        }
        let repository = try object.read("repository") { text throws(OCIError) in try RepositoryName(text) }
        if ask == "tag" {
            let tagged = try object.read("tag") { text throws(OCIError) in try ImageReference("\(repository):\(text)") }
            try object.end()
            // What follows the tag in a reference is no tag.
            guard let tag = tagged.tag, tagged.digest == nil, tagged.repository == repository else {
                throw object.error("tag", "is no tag")
            }
            let failure = try answer.failure(repository)
            return RecordingRegistry.Exchange(
                question: .target(repository, tag: tag),
                answer: failure == nil ? try target(&answer) : failure
            )
        }
        let digest = try object.read("digest") { text throws(OCIError) in try Digest(text) }
        let failure = try answer.failure(repository)
        let question: RecordingRegistry.Question
        let given: RecordingRegistry.Answer?
        switch ask {
        case "manifest":
            question = .manifest(repository, digest)
            given = failure == nil ? try manifest(&answer, digest: digest) : failure
        case "blob":
            let type = MediaType(try object.string("mediaType"))
            let size = try object.integer("size", in: 0...Int64.max)
            question = .blob(repository, Descriptor(mediaType: type, digest: digest, size: size))
            given = failure == nil ? try blob(&answer, digest: digest, size: size) : failure
        case "referrers":
            let type = try object.optionalString("artifactType").map { MediaType($0) }
            question = .referrers(repository, to: digest, artifactType: type)
            given = failure == nil ? try referrers(&answer) : failure
        default: throw object.error("ask", "is no question that is known")
        }
        try object.end()
        return RecordingRegistry.Exchange(question: question, answer: given)
    }

    // MARK: - Answers

    private mutating func content(
        _ answer: inout StrictObject
    ) throws(BundleError) -> (digest: Digest, bytes: [UInt8]) {
        let digest = try answer.read("content") { text throws(OCIError) in try Digest(text) }
        return (digest, try content(EvidenceBundle.MemberName.blob(digest), named: digest))
    }

    /// Whether content has the digest that was asked for, under whatever algorithm.
    private mutating func matches(_ bytes: [UInt8], content: Digest, _ digest: Digest) -> Bool {
        if content == digest { return true }
        if digests[digest] == content { return true }
        guard digest.matches(bytes) else { return false }
        digests[digest] = content
        return true
    }

    private mutating func manifest(
        _ answer: inout StrictObject,
        digest asked: Digest?
    ) throws(BundleError) -> RecordingRegistry.Answer {
        let (name, bytes) = try content(&answer)
        let type = MediaType(try answer.string("mediaType"))
        let digest = try answer.read("digest") { text throws(OCIError) in try Digest(text) }
        try answer.end()
        guard asked.map({ $0 == digest }) ?? true, matches(bytes, content: name, digest) else {
            throw answer.error("digest", "is not that of the content, or not the one that was asked for")
        }
        let key = ManifestKey(content: name, mediaType: type)
        let manifest: Manifest
        if let known = manifests[key] {
            manifest = known
        } else {
            do throws(OCIError) {
                manifest = try Manifest(bytes: bytes, contentType: type)
            } catch {
                throw answer.error("content", "is no manifest: \(error.message)")
            }
            manifests[key] = manifest
        }
        let descriptor = Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
        return .manifest(FetchedManifest(descriptor: descriptor, bytes: bytes, manifest: manifest))
    }

    private mutating func blob(
        _ answer: inout StrictObject,
        digest: Digest,
        size: Int64
    ) throws(BundleError) -> RecordingRegistry.Answer {
        let (name, bytes) = try content(&answer)
        try answer.end()
        guard Int64(bytes.count) == size, matches(bytes, content: name, digest) else {
            throw answer.error("content", "is not the blob that was asked for")
        }
        return .blob(bytes)
    }

    private func target(_ answer: inout StrictObject) throws(BundleError) -> RecordingRegistry.Answer {
        let digest = try answer.read("digest") { text throws(OCIError) in try Digest(text) }
        try answer.end()
        return .target(digest)
    }

    private mutating func referrers(_ answer: inout StrictObject) throws(BundleError) -> RecordingRegistry.Answer {
        let (name, bytes) = try content(&answer)
        try answer.end()
        if let known = listings[name] { return .referrers(known) }
        do throws(OCIError) {
            guard case .index(let index) = try Manifest(bytes: bytes, contentType: .ociIndex) else {
                throw OCIError(.invalidManifest, "it is no index")
            }
            listings[name] = index.manifests
            return .referrers(index.manifests)
        } catch {
            throw answer.error("content", "is no list of what refers to an image: \(error.message)")
        }
    }

    // MARK: - Revocation

    private mutating func revocation(_ list: [JSONValue], _ place: String) throws(BundleError) -> RevocationEvidence {
        guard list.count <= EvidenceBundle.maximumQuestions else { throw BundleError("\(place) has too many entries") }
        var evidence = RevocationEvidence()
        for (index, value) in list.enumerated() {
            var object = try StrictObject(value, "\(place)[\(index)]")
            let url = try object.string("url")
            let request: RevocationRequest
            switch try object.string("ask") {
            case "list": request = .revocationList(url: url)
            case "ocsp":
                guard let der = Data(base64Encoded: try object.string("request")) else {
                    throw object.error("request", "is no base64")
                }
                request = .ocsp(url: url, request: Array(der))
            default: throw object.error("ask", "is no question that is known")
            }
            let answer = try revocationAnswer(try object.object("answer"))
            try object.end()
            guard evidence.answers.updateValue(answer, forKey: request) == nil else {
                throw object.error("url", "was asked the same before")
            }
        }
        return evidence
    }

    private mutating func revocationAnswer(_ object: StrictObject) throws(BundleError) -> RevocationAnswer {
        var object = object
        if object.has("failure") {
            let cause = try object.string("failure")
            try object.end()
            return .failure(cause)
        }
        let digest = try object.read("content") { text throws(OCIError) in try Digest(text) }
        guard let moment = BundleDate.date(try object.string("receivedAt")) else {
            throw object.error("receivedAt", "is no moment in UTC, to the second")
        }
        try object.end()
        let name = EvidenceBundle.MemberName.revocation(digest)
        return .bytes(try content(name, named: digest), receivedAt: moment)
    }
}

extension StrictObject {
    /// The failure that an answer tells of, if it does.
    fileprivate mutating func failure(_ repository: RepositoryName) throws(BundleError) -> RecordingRegistry.Answer? {
        guard has("failure") else { return nil }
        var failure = try object("failure")
        guard let code = RegistryError.Code(rawValue: try failure.string("code")) else {
            throw failure.error("code", "is not known")
        }
        let message = try failure.string("message")
        try failure.end()
        try end()
        return .failure(RegistryError(code, message, host: repository.registry, repository: repository.path))
    }

    /// A list of digests, each once; none where the member is absent, as it was in the first bundles.
    fileprivate mutating func digests(_ name: String) throws(BundleError) -> Set<Digest> {
        guard has(name) else { return [] }
        var digests: Set<Digest> = []
        for value in try array(name) {
            guard let text = value.string, let digest = try? Digest(text), digests.insert(digest).inserted,
                digests.count <= ImageContext.maximumIndexes
            else { throw error(name, "is no list of up to \(ImageContext.maximumIndexes) digests") }
        }
        return digests
    }

    fileprivate mutating func place() throws(BundleError) -> EvidenceBundle.Place? {
        let value = try value("place")
        guard !value.isNull else { return nil }
        var place = try StrictObject(value, "place")
        let read = EvidenceBundle.Place(
            namespace: try place.string("namespace"),
            namespaceLabels: try place.optionalStrings("namespaceLabels"),
            pod: try place.string("pod"),
            podLabels: try place.strings("podLabels"),
            container: try place.string("container")
        )
        try place.end()
        return read
    }
}
