import FoundationEssentials
import JSONModel
import NotaryVerification
public import OCIModel
import OCIRegistry
import TrustModel

extension EvidenceBundle {
    /// The archive that holds the bundle; equal bundles give equal bytes.
    ///
    /// - Throws: ``BundleError`` when the bundle is larger than what is read again.
    public func archive() throws(BundleError) -> TarArchive {
        guard !images.isEmpty, images.count <= Self.maximumImages else {
            throw BundleError("a bundle holds 1 to \(Self.maximumImages) images, not \(images.count)")
        }
        do throws(ArchiveError) {
            var contents = try BundleContents(modifiedAt: Int64(judgedAt.timeIntervalSince1970.rounded(.down)))
            try contents.add(policies)
            var entries: [JSONValue] = []
            for image in images { entries.append(try contents.entry(image)) }
            try contents.addLayout()
            let document: JSONValue = [
                "vigilBundle": .integer(Self.version), "program": .string(program),
                "judgedAt": .string(BundleDate.text(judgedAt)),
                "settings": [
                    "platform": platform.map { .string("\($0)") } ?? .null,
                    "requiredAnnotations": .object(requiredAnnotations.mapValues(JSONValue.string)),
                    "maximumSignatures": .integer(Int64(maximumSignatures)),
                ],
                "images": .array(entries), "members": contents.list,
            ]
            try contents.archive.add(MemberName.document, BundleContents.text(document))
            return try contents.checked()
        } catch {
            throw BundleError(error.message)
        }
    }
}

/// The members of a bundle that is being written.
private struct BundleContents {
    var archive: TarArchive
    /// Manifests that the layout lists.
    private var manifests: [Digest: Descriptor] = [:]

    init(modifiedAt: Int64) throws(ArchiveError) { archive = try TarArchive(modifiedAt: modifiedAt) }

    static func text(_ value: JSONValue) -> [UInt8] { JSONSerializer(isPretty: true).bytes(value) + [0x0A] }

    // MARK: - Policies

    mutating func add(_ policies: EvidenceBundle.Policies) throws(ArchiveError) {
        switch policies {
        case .objects(let list): try archive.add(EvidenceBundle.MemberName.objects, list)
        case .notation(let document, let stores):
            try archive.add(EvidenceBundle.MemberName.notation, document)
            for store in stores {
                let folder = "\(EvidenceBundle.MemberName.stores)\(store.kind.rawValue)/\(store.name)"
                for (index, file) in store.files.enumerated() {
                    // The names of files decide nothing but their order.
                    let digits = String(index)
                    let number = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
                    try archive.add("\(folder)/\(number).crt", file)
                }
            }
        }
    }

    // MARK: - Evidence

    mutating func entry(_ image: EvidenceBundle.Image) throws(ArchiveError) -> JSONValue {
        var registry: [JSONValue] = []
        var known: Set<RecordingRegistry.Question> = []
        for exchange in image.exchanges where known.insert(exchange.question).inserted {
            registry.append(try entry(exchange))
        }
        var revocation: [JSONValue] = []
        let answers = image.revocation.answers.map { BundleRevocation(request: $0.key, answer: $0.value) }
        for answer in answers.sorted() { revocation.append(try entry(answer)) }
        let indexes = image.indexes.map(\.description).sorted().prefix(ImageContext.maximumIndexes)
        return [
            "image": .string(image.text), "place": image.place.map(Self.entry) ?? .null,
            "indexes": .array(indexes.map(JSONValue.string)),
            "recorded": [
                "verdict": .string(image.recorded.verdict.rawValue),
                "reason": .string(image.recorded.reason.rawValue), "message": .string(image.recorded.message),
            ],
            "registry": .array(registry), "revocation": .array(revocation),
        ]
    }

    private static func entry(_ place: EvidenceBundle.Place) -> JSONValue {
        [
            "namespace": .string(place.namespace),
            "namespaceLabels": place.namespaceLabels.map { .object($0.mapValues(JSONValue.string)) } ?? .null,
            "pod": .string(place.pod), "podLabels": .object(place.podLabels.mapValues(JSONValue.string)),
            "container": .string(place.container),
        ]
    }

    private mutating func entry(_ exchange: RecordingRegistry.Exchange) throws(ArchiveError) -> JSONValue {
        var question: [String: JSONValue]
        switch exchange.question {
        case .resolve(let reference): question = ["ask": "resolve", "reference": .string("\(reference)")]
        case .manifest(let repository, let digest):
            question = ["ask": "manifest", "repository": .string("\(repository)"), "digest": .string("\(digest)")]
        case .blob(let repository, let descriptor):
            question = [
                "ask": "blob", "repository": .string("\(repository)"), "digest": .string("\(descriptor.digest)"),
                "mediaType": .string(descriptor.mediaType.rawValue), "size": .integer(descriptor.size),
            ]
        case .referrers(let repository, let subject, let type):
            question = [
                "ask": "referrers", "repository": .string("\(repository)"), "digest": .string("\(subject)"),
                "artifactType": type.map { .string($0.rawValue) } ?? .null,
            ]
        case .target(let repository, let tag):
            question = ["ask": "tag", "repository": .string("\(repository)"), "tag": .string(tag)]
        }
        question["answer"] = try answer(exchange.answer)
        return .object(question)
    }

    private mutating func answer(_ answer: RecordingRegistry.Answer?) throws(ArchiveError) -> JSONValue {
        switch answer {
        case nil: return Self.failure(.timedOut, "there was no answer before the judgement ended")
        case .failure(let error): return Self.failure(error.code, error.message)
        case .blob(let bytes): return ["content": try content(bytes)]
        case .target(let digest): return ["digest": .string("\(digest)")]
        case .manifest(let fetched):
            let descriptor = fetched.descriptor
            manifests[Digest.of(fetched.bytes)] = Descriptor(of: fetched.bytes, mediaType: descriptor.mediaType)
            return [
                "content": try content(fetched.bytes), "mediaType": .string(descriptor.mediaType.rawValue),
                "digest": .string("\(descriptor.digest)"),
            ]
        case .referrers(let descriptors):
            let index: JSONValue = [
                "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
                "manifests": .array(descriptors.map(\.json)),
            ]
            return ["content": try content(JSONSerializer().bytes(index))]
        }
    }

    private static func failure(_ code: RegistryError.Code, _ message: String) -> JSONValue {
        ["failure": ["code": .string(code.rawValue), "message": .string(message)]]
    }

    private mutating func entry(_ entry: BundleRevocation) throws(ArchiveError) -> JSONValue {
        var question: [String: JSONValue] = ["url": .string(entry.request.url)]
        switch entry.request {
        case .revocationList: question["ask"] = "list"
        case .ocsp(_, let der):
            question["ask"] = "ocsp"
            question["request"] = .string(Data(der).base64EncodedString())
        }
        switch entry.answer {
        case .failure(let cause): question["answer"] = ["failure": .string(cause)]
        case .bytes(let bytes, let moment):
            let digest = Digest.of(bytes)
            try archive.add(EvidenceBundle.MemberName.revocation(digest), bytes)
            question["answer"] = [
                "content": .string("\(digest)"), "receivedAt": .string(BundleDate.text(moment)),
            ]
        }
        return .object(question)
    }

    private mutating func content(_ bytes: [UInt8]) throws(ArchiveError) -> JSONValue {
        let digest = Digest.of(bytes)
        try archive.add(EvidenceBundle.MemberName.blob(digest), bytes)
        return .string("\(digest)")
    }

    // MARK: - The whole

    /// Adds what makes the blobs an OCI image layout (image-spec, image-layout.md), for other tools to look at.
    mutating func addLayout() throws(ArchiveError) {
        try archive.add(EvidenceBundle.MemberName.layout, Self.text(["imageLayoutVersion": "1.0.0"]))
        let listed = manifests.sorted { $0.key.hex < $1.key.hex }.map(\.value.json)
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue), "manifests": .array(listed),
        ]
        try archive.add(EvidenceBundle.MemberName.index, Self.text(index))
    }

    /// Every member so far, with its digest and size.
    var list: JSONValue {
        .array(
            archive.members.sorted { $0.key < $1.key }.map { name, content in
                [
                    "name": .string(name), "digest": .string("\(Digest.of(content))"),
                    "size": .integer(Int64(content.count)),
                ]
            }
        )
    }

    /// The archive, found to be within what is read again.
    func checked() throws(ArchiveError) -> TarArchive {
        let limits = EvidenceBundle.limits
        let total = archive.members.values.reduce(0) { $0 + $1.count + 2 * TarArchiveSize.block }
        guard archive.members.count <= limits.maximumMembers, total <= limits.maximumBytes - 2 * TarArchiveSize.block,
            archive.members.values.allSatisfy({ $0.count <= limits.maximumMemberBytes }),
            (archive.members[EvidenceBundle.MemberName.document]?.count ?? 0)
                <= EvidenceBundle.documentLimits.maximumBytes
        else {
            throw ArchiveError(
                "the evidence is more than a bundle holds: \(limits.maximumMembers) members, "
                    + "\(limits.maximumMemberBytes) bytes each and \(limits.maximumBytes) together"
            )
        }
        return archive
    }
}

/// What the form of an archive adds to its contents.
private enum TarArchiveSize {
    static let block = 512
}
