import FoundationEssentials
import JSONModel
import NotaryVerification
import OCIModel
import OCIRegistry
import SigningTestKit
import TestTiming
import Testing
import TrustModel

@testable import ImageTrust

@Suite("Bundles of evidence")
struct EvidenceBundleTests {
    private let scene: TrustScene
    private let signer: RevocableSigner
    private let source = ScriptedRevocation()

    init() throws {
        scene = try TrustScene()
        signer = try RevocableSigner()
        source.answer(RevocableSigner.responder, try signer.response())
        try scene.sign(scene.image, by: signer.chain)
        try scene.sign(scene.image, by: scene.stranger())
    }

    private func policies() throws -> [PreparedPolicy] {
        [try scene.policy("shop", [Authority(name: "acme", source: .notary(scene.trust(signer.chain)))])]
    }

    /// A judgement of the image, and the bundle of what it rested on.
    private func record(
        _ image: ImageReference? = nil,
        indexes: Set<Digest> = []
    ) async throws -> (EvidenceBundle, ImageJudgement) {
        let registry = RecordingRegistry(scene.registry)
        let revocation = RevocationRecorder(source)
        let image = image ?? scene.pinned
        // On a clock that stands still: on a busy machine no limit of time passes.
        let judge = ImageJudge(registry: registry, revocation: revocation, clock: ManualClock())
        let judgement = await judge.judge(
            image,
            in: ImageContext(indexes: indexes),
            policies: try policies(),
            now: TrustScene.now
        )
        let recorded = EvidenceBundle.Image(
            text: "\(image)",
            place: EvidenceBundle.Place(
                namespace: "shop",
                namespaceLabels: nil,
                pod: "web-0",
                podLabels: ["app": "web"],
                container: "main"
            ),
            indexes: indexes,
            exchanges: registry.exchanges,
            revocation: revocation.evidence,
            recorded: EvidenceBundle.RecordedVerdict(
                verdict: judgement.verdict,
                reason: judgement.reason,
                message: judgement.message
            )
        )
        let bundle = EvidenceBundle(
            program: "vigil test",
            judgedAt: TrustScene.now,
            platform: try Platform("linux/arm64/v8"),
            requiredAnnotations: ["a": "b"],
            policies: .notation(
                document: [1],
                stores: [
                    EvidenceBundle.TrustStoreFiles(kind: .ca, name: "acme", files: [[2], [3]]),
                    EvidenceBundle.TrustStoreFiles(kind: .tsa, name: "time", files: [[2]]),
                ]
            ),
            images: [recorded]
        )
        return (bundle, judgement)
    }

    /// The judgement that a bundle leads to.
    private func replay(_ bundle: EvidenceBundle, number: Int = 0) async throws -> ImageJudgement {
        let image = bundle.images[number]
        let judge = ImageJudge(
            registry: RecordedRegistry(image.exchanges),
            revocation: RecordedRevocation(image.revocation),
            clock: ManualClock()
        )
        let reference = try ImageReference(image.text)
        return await judge.judge(
            reference,
            in: ImageContext(indexes: image.indexes),
            policies: try policies(),
            now: bundle.judgedAt
        )
    }

    private static func refusal(_ bytes: [UInt8]) -> String? {
        do throws(BundleError) {
            _ = try EvidenceBundle(reading: bytes)
            return nil
        } catch {
            return error.message
        }
    }

    /// The archive with another content for its members; the list of members is made to fit if `fits`.
    private static func repacked(
        _ archive: TarArchive,
        fits: Bool = true,
        _ change: (inout [String: [UInt8]], inout [String: JSONValue]) throws -> Void
    ) throws -> [UInt8] {
        var members = archive.members
        let name = EvidenceBundle.MemberName.document
        var document = try JSONParser().parse(members.removeValue(forKey: name) ?? []).object ?? [:]
        try change(&members, &document)
        if fits {
            document["members"] = .array(
                members.sorted { $0.key < $1.key }.map {
                    [
                        "name": .string($0.key), "digest": .string("\(Digest.of($0.value))"),
                        "size": .integer(Int64($0.value.count)),
                    ]
                }
            )
        }
        var other = try TarArchive(modifiedAt: archive.modifiedAt)
        for (name, content) in members { try other.add(name, content) }
        try other.add(name, JSONSerializer().bytes(.object(document)))
        return other.bytes
    }

    @Test("what is written is read again and leads to the same judgement, without a question to anybody")
    func roundTrip() async throws {
        for reference in [nil, ImageReference(repository: scene.repository, tag: "v1")] {
            let (bundle, judgement) = try await record(reference)
            #expect(judgement.verdict == .trusted && bundle.images[0].revocation.answers.count == 1)
            let asked = (scene.registry.calls.count, source.calls.count)
            let bytes = try bundle.archive().bytes
            let read = try EvidenceBundle(reading: bytes)
            #expect(try read.archive().bytes == bytes)
            #expect(read.policies == bundle.policies && read.images[0].place == bundle.images[0].place)
            #expect(read.images[0].revocation == bundle.images[0].revocation)
            #expect(read.platform == bundle.platform && read.requiredAnnotations == ["a": "b"])
            #expect(try await replay(read) == judgement)
            #expect(asked == (scene.registry.calls.count, source.calls.count))
        }
    }

    @Test("the ways to an index are recorded, and lead to it again: the tag, and the digest by which a pod asks")
    func indexes() async throws {
        let image = try scene.registry.push(TrustScene.manifest("for a platform"), as: .ociManifest)
        let index = try scene.registry.push(TrustScene.index([image]), as: .ociIndex, tag: "multi")
        try scene.sign(index, by: signer.chain)
        for (tag, indexes) in [("multi", []), (nil, [index.digest])] as [(String?, Set<Digest>)] {
            let reference = ImageReference(repository: scene.repository, tag: tag, digest: image.digest)
            let (bundle, judgement) = try await record(reference, indexes: indexes)
            #expect(judgement.verdict == .trusted && judgement.carrier == .index)
            let read = try EvidenceBundle(reading: try bundle.archive().bytes)
            #expect(read.images[0].indexes == indexes)
            #expect(try await replay(read) == judgement)
            // Without the way there is no index.
            var blind = read
            blind.images[0].indexes = []
            blind.images[0].exchanges.removeAll { exchange in
                if case .target = exchange.question { true } else { false }
            }
            #expect(try await replay(blind).verdict == .unknown)
        }
    }

    @Test("bundles in which a tag was resolved, and no digests are named, lead to the same judgement")
    func earlierForm() async throws {
        let image = try scene.registry.push(TrustScene.manifest("for a platform"), as: .ociManifest)
        let index = try scene.registry.push(TrustScene.index([image]), as: .ociIndex, tag: "multi")
        try scene.sign(index, by: signer.chain)
        let reference = ImageReference(repository: scene.repository, tag: "multi", digest: image.digest)
        var (bundle, judgement) = try await record(reference)
        let fetched = bundle.images[0].exchanges.first { $0.question == .manifest(scene.repository, index.digest) }
        bundle.images[0].exchanges.removeAll { exchange in
            if case .target = exchange.question { return true }
            return exchange.question == fetched?.question
        }
        bundle.images[0].exchanges.append(
            RecordingRegistry.Exchange(
                question: .resolve(ImageReference(repository: scene.repository, tag: "multi")),
                answer: fetched?.answer
            )
        )
        let bytes = try Self.repacked(try bundle.archive()) { _, document in
            var image = document["images"]?.array?.first?.object ?? [:]
            image["indexes"] = nil
            document["images"] = [.object(image)]
        }
        #expect(try await replay(try EvidenceBundle(reading: bytes)) == judgement)
        judgement = try await replay(bundle)
        #expect(judgement.verdict == .trusted)
    }

    @Test("a digest or a tag in it that is none is refused")
    func badIndexes() async throws {
        let reference = ImageReference(repository: scene.repository, tag: "none", digest: scene.image.digest)
        scene.registry.unlist(scene.image.digest)
        let (bundle, _) = try await record(reference)
        let archive = try bundle.archive()
        let digest = "\(scene.image.digest)"
        let many = (0..<5 as Range<UInt8>).map { JSONValue.string("\(Digest.of([$0]))") }
        for list in [["x"], [.string(digest), .string(digest)], [7], .string(digest), .null, .array(many)]
            as [JSONValue]
        {
            let bytes = try Self.repacked(archive) { _, document in
                var image = document["images"]?.array?.first?.object ?? [:]
                image["indexes"] = list
                document["images"] = [.object(image)]
            }
            #expect(Self.refusal(bytes)?.contains("indexes") == true)
        }
        for tag in ["none@\(digest)", "a:b", "", "a/b", "-"] {
            let bytes = try Self.repacked(archive) { _, document in
                var image = document["images"]?.array?.first?.object ?? [:]
                image["registry"] = .array(
                    (image["registry"]?.array ?? []).map { question in
                        guard question["ask"]?.string == "tag", var members = question.object else { return question }
                        members["tag"] = .string(tag)
                        return .object(members)
                    }
                )
                document["images"] = [.object(image)]
            }
            #expect(Self.refusal(bytes)?.contains("tag") == true, "\(tag)")
        }
    }

    @Test("failures are evidence too: they are given again, and what was not asked is an outage")
    func failures() async throws {
        scene.registry.fail(.referrers(scene.image.digest), .serverError)
        let (bundle, judgement) = try await record()
        #expect(judgement.reason == .registryUnreachable)
        let read = try EvidenceBundle(reading: try bundle.archive().bytes)
        #expect(try await replay(read) == judgement)
        var empty = read
        empty.images[0].exchanges = []
        let silent = try await replay(empty)
        #expect(silent.verdict == .unknown && silent.reason == .registryUnreachable)
        #expect(silent.message.contains("was not recorded, and nobody is asked"), "\(silent.message)")
    }

    @Test("a bundle that leaves out any one answer never leads to more trust")
    func leftOut() async throws {
        source.answer(RevocableSigner.responder, try signer.response(.revoked(TrustScene.now, reason: 1)))
        let (bad, judgement) = try await record()
        #expect(judgement.reason == .certificateRevoked)
        for index in bad.images[0].exchanges.indices {
            var other = bad
            other.images[0].exchanges.remove(at: index)
            let judgement = try await replay(other)
            let question = bad.images[0].exchanges[index].question
            // A way to an index that was not recorded makes bad evidence no better.
            if case .referrers(_, _, nil) = question {
                #expect(judgement.reason == .certificateRevoked)
                continue
            }
            // Silence of the bundle is an outage, and never reads as "unsigned".
            #expect(judgement.verdict == .unknown && judgement.reason.isOutage, "\(question): \(judgement.reason)")
        }
        var other = bad
        other.images[0].revocation = RevocationEvidence()
        let silent = try await replay(other)
        #expect(silent.reason == .revocationUnavailable && silent.message.contains("no answer was recorded"))
    }

    @Test("cut off at every block it is refused")
    func truncated() async throws {
        let bytes = try await record().0.archive().bytes
        for count in stride(from: 0, to: bytes.count, by: 512) {
            #expect(Self.refusal(Array(bytes.prefix(count))) != nil, "\(count)")
        }
    }

    @Test("an altered member is refused, also where the list of members was made to fit")
    func altered() async throws {
        let archive = try await record().0.archive()
        #expect(archive.members.count >= 12)
        for name in archive.members.keys.sorted() where name != EvidenceBundle.MemberName.document {
            for fits in [false, true] {
                let bytes = try Self.repacked(archive, fits: fits) { members, _ in
                    members[name] = (members[name] ?? []) + [0x20]
                }
                let message = Self.refusal(bytes)
                guard fits else {
                    #expect(message == "the member \(name) was altered: it does not have the listed digest and size")
                    continue
                }
                // Nobody vouches for policies, and the layout is for others; evidence has its digest in its name.
                let isFree = name.hasPrefix("notation/") || name == "oci-layout" || name == "index.json"
                #expect((message == nil) == isFree, "\(name): \(message ?? "")")
            }
            let without = try Self.repacked(archive) { members, _ in members[name] = nil }
            #expect((Self.refusal(without) == nil) == name.hasSuffix(".crt"), "\(name)")
            let unlisted = try Self.repacked(archive, fits: false) { members, _ in members[name] = nil }
            #expect(Self.refusal(unlisted) == "the member \(name) is missing")
        }
    }

    @Test("an envelope that was exchanged, with everything made to fit, is not trusted")
    func exchanged() async throws {
        let (bundle, _) = try await record()
        var forged = bundle
        let index = try #require(
            forged.images[0].exchanges.firstIndex { exchange in
                guard case .blob(let bytes) = exchange.answer else { return false }
                return String(decoding: bytes, as: UTF8.self).contains("signature")
            }
        )
        guard case .blob(let bytes) = forged.images[0].exchanges[index].answer else {
            Issue.record("the envelope is no blob")
            return
        }
        forged.images[0].exchanges[index].answer = .blob(bytes.reversed())
        let archive = try forged.archive()
        #expect(Self.refusal(archive.bytes)?.hasSuffix("is not the blob that was asked for") == true)
    }

    @Test("other content for a manifest or a list is refused, or leads to no trust")
    func otherAnswers() async throws {
        let (bundle, _) = try await record()
        let (exchanges, count) = (bundle.images[0].exchanges, bundle.images[0].exchanges.count)
        for target in 0..<count {
            for origin in 0..<count where exchanges[origin].answer != exchanges[target].answer {
                var forged = bundle
                forged.images[0].exchanges[target].answer = exchanges[origin].answer
                guard let read = try? EvidenceBundle(reading: try forged.archive().bytes) else { continue }
                let judgement = try await replay(read)
                let isTrusted = judgement.verdict == .trusted
                // The other signature is a stranger's: without it the good one still stands.
                #expect(!isTrusted || "\(exchanges[target])".contains("\(judgement.message)") == false)
                if isTrusted { #expect(judgement.digest == scene.image.digest) }
            }
        }
    }

    @Test("the document is read strictly")
    func strict() async throws {
        let archive = try await record().0.archive()
        func refusal(_ change: (inout [String: JSONValue]) throws -> Void) throws -> String? {
            Self.refusal(try Self.repacked(archive) { _, document in try change(&document) })
        }
        func image(_ change: (inout [String: JSONValue]) -> Void) throws -> String? {
            try refusal { document in
                var image = document["images"]?.array?.first?.object ?? [:]
                change(&image)
                document["images"] = .array([.object(image)])
            }
        }
        #expect(try refusal { _ in } == nil)
        #expect(try refusal { $0["vigilBundle"] = 2 }?.contains("version 1 is read") == true)
        #expect(try refusal { $0["vigilBundle"] = nil }?.contains("version 1 is read") == true)
        #expect(try refusal { $0["more"] = 1 }?.hasPrefix("bundle.more is not known") == true)
        #expect(try refusal { $0["program"] = nil } == "bundle.program is missing")
        #expect(try refusal { $0["images"] = .array([]) } == "bundle.images are not 1 to 256")
        for moment in ["2026-06-01T00:00:01Z", "2026-06-01T00:00:00.5Z", "2026-06-01", "1960-01-01T00:00:00Z"] {
            #expect(try refusal { $0["judgedAt"] = .string(moment) } != nil, "\(moment)")
        }
        let settings: [(String, JSONValue)] = [
            ("platform", "linux"), ("platform", 1), ("maximumSignatures", 0), ("maximumSignatures", 1001),
            ("requiredAnnotations", ["a": 1]), ("other", .null),
        ]
        for (name, value) in settings {
            let message = try refusal { document in
                var members = document["settings"]?.object ?? [:]
                members[name] = value
                document["settings"] = .object(members)
            }
            #expect(message?.hasPrefix("bundle.settings.\(name)") == true, "\(message ?? "")")
        }
        #expect(try image { $0["registry"] = .array([]) }?.hasPrefix("nothing speaks of the member blobs/") == true)
        #expect(
            try image { image in
                let entries = image["registry"]?.array ?? []
                image["registry"] = .array(entries + entries.prefix(1))
            }?.hasSuffix("asks what was asked before") == true
        )
        #expect(
            try image { image in
                let entries = image["revocation"]?.array ?? []
                image["revocation"] = .array(entries + entries)
            }?.hasSuffix("was asked the same before") == true
        )
        #expect(try image { $0["recorded"] = ["verdict": "Fine", "reason": "", "message": ""] } != nil)
        #expect(try image { $0["place"] = ["namespace": "x"] } == "place.namespaceLabels is missing")
        let many = JSONValue.array([JSONValue](repeating: .null, count: 8193))
        #expect(try image { $0["registry"] = many }?.hasSuffix("has too many entries") == true)
    }

    @Test("what is no bundle at all")
    func foreign() throws {
        var archive = try TarArchive(modifiedAt: 0)
        try archive.add("readme", [1])
        #expect(Self.refusal(archive.bytes)?.hasPrefix("there is no vigil-bundle.json in it") == true)
        #expect(Self.refusal([])?.hasPrefix("the archive is cut off") == true)
        try archive.add("vigil-bundle.json", Array("{".utf8))
        #expect(Self.refusal(archive.bytes)?.hasPrefix("vigil-bundle.json is no valid JSON") == true)
    }

    @Test("more than a bundle holds is not written")
    func unwritable() async throws {
        var (bundle, _) = try await record()
        let image = bundle.images[0]
        bundle.images = []
        #expect(throws: BundleError.self) { try bundle.archive() }
        bundle.images = [image]
        bundle.policies = .objects([UInt8](repeating: 0x20, count: EvidenceBundle.limits.maximumMemberBytes + 1))
        #expect(throws: BundleError.self) { try bundle.archive() }
    }
}
