import JSONModel

@testable import ImageTrust
@testable import OCIModel

/// Archives and bundles of evidence, which strangers send.
enum BundleTargets {
    static let all = [
        DecoderTarget("tar-archive", maximumLength: 16 << 10, archive),
        DecoderTarget("evidence-bundle", maximumLength: 32 << 10, bundle),
        DecoderTarget("bundle-document", maximumLength: 8 << 10, document),
    ]

    private static func archive(_ bytes: [UInt8]) throws {
        let limits = ArchiveLimits(maximumBytes: 1 << 20, maximumMembers: 16, maximumMemberBytes: 64 << 10)
        guard let archive = try? TarArchive(reading: bytes, limits: limits) else { return }
        try demand(archive.bytes == bytes, "an archive has one spelling")
        try demand(archive.members.count <= 16, "members are counted")
        try demand(archive.members.keys.allSatisfy { TarArchive.isName($0.utf8) }, "names lead nowhere else")
    }

    private static func bundle(_ bytes: [UInt8]) throws {
        guard let bundle = try? EvidenceBundle(reading: bytes) else { return }
        try written(bundle)
    }

    /// What is written of a bundle reads as that bundle.
    private static func written(_ bundle: EvidenceBundle) throws {
        guard let archive = try? bundle.archive() else { return }
        try demand((try? EvidenceBundle(archive)) == bundle, "a bundle is what it is written as")
    }

    /// The contents that the seeds speak of; the list of members is made to fit, for no mutation finds a digest.
    private static let contents: [[UInt8]] = [
        Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8), Array("{}".utf8), Array("envelope".utf8),
    ]

    private static func document(_ bytes: [UInt8]) throws {
        guard var object = (try? JSONParser(limits: EvidenceBundle.documentLimits).parse(bytes))?.object else { return }
        var members: [String: [UInt8]] = [
            EvidenceBundle.MemberName.layout: [], EvidenceBundle.MemberName.index: [],
            EvidenceBundle.MemberName.objects: [0x5B, 0x5D],
        ]
        let text = String(decoding: bytes, as: UTF8.self)
        for content in contents {
            let digest = Digest.of(content)
            guard text.contains(digest.hex) else { continue }
            // What was answered about revocation is the second content, and nothing else is.
            let isAnswer = content == contents[1]
            let name =
                isAnswer ? EvidenceBundle.MemberName.revocation(digest) : EvidenceBundle.MemberName.blob(digest)
            members[name] = content
        }
        object["members"] = .array(
            members.map { name, content in
                [
                    "name": .string(name), "digest": .string("\(Digest.of(content))"),
                    "size": .integer(Int64(content.count)),
                ]
            }
        )
        let fitted = JSONSerializer().bytes(.object(object))
        guard let bundle = try? EvidenceBundle(document: fitted, members: members) else { return }
        try demand(bundle.images.count <= EvidenceBundle.maximumImages, "images are counted")
        try written(bundle)
    }
}
