import FoundationEssentials
import JSONModel
import NotaryVerification
import OCIModel
import TrustModel

extension EvidenceBundle {
    /// What the document of a bundle may cost.
    static let documentLimits = JSONLimits(maximumBytes: 8 << 20, maximumDepth: 16, maximumValues: 500_000)
    /// The most statements about any one image: questions to its registry, or to revocation services.
    static let maximumQuestions = 8192

    /// Reads the bytes of a bundle, which whoever sent them may have made up.
    ///
    /// - Parameter bytes: the archive.
    /// - Throws: ``BundleError`` unless every byte of it is where it belongs.
    public init(reading bytes: [UInt8]) throws(BundleError) {
        let archive: TarArchive
        do throws(ArchiveError) {
            archive = try TarArchive(reading: bytes, limits: Self.limits)
        } catch {
            throw BundleError(error.message)
        }
        try self.init(archive)
    }

    /// Reads the members of a bundle.
    ///
    /// - Throws: ``BundleError`` unless every member is there, is listed, and is what its digest says.
    init(_ archive: TarArchive) throws(BundleError) {
        var members = archive.members
        guard let document = members.removeValue(forKey: MemberName.document) else {
            throw BundleError("there is no \(MemberName.document) in it: it is no bundle of vigil")
        }
        try self.init(document: document, members: members)
        guard archive.modifiedAt == Int64(judgedAt.timeIntervalSince1970) else {
            throw BundleError("its files have another time than \(BundleDate.text(judgedAt)), that of the judgement")
        }
    }

    /// Reads a document that speaks of `members`.
    ///
    /// - Throws: ``BundleError`` unless they belong together.
    init(document: [UInt8], members: [String: [UInt8]]) throws(BundleError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser(limits: Self.documentLimits).parse(document)
        } catch {
            throw BundleError("\(MemberName.document) is no valid JSON: \(error)")
        }
        // Before anything else, for another version may mean anything.
        guard json["vigilBundle"]?.integer == Self.version else {
            throw BundleError("it is of a version that is not known here; version \(Self.version) is read")
        }
        var object = try StrictObject(json, "bundle")
        _ = try object.value("vigilBundle")
        try Self.check(try object.array("members"), against: members)
        var contents = BundleReader(members: members)
        let program = try object.string("program")
        guard let judgedAt = BundleDate.date(try object.string("judgedAt")) else {
            throw object.error("judgedAt", "is no moment in UTC, to the second")
        }
        var settings = try object.object("settings")
        var images: [Image] = []
        let entries = try object.array("images")
        guard (1...Self.maximumImages).contains(entries.count) else {
            throw object.error("images", "are not 1 to \(Self.maximumImages)")
        }
        for (index, entry) in entries.enumerated() {
            images.append(try contents.image(entry, "bundle.images[\(index)]"))
        }
        try object.end()
        let platform = try settings.platform()
        let annotations = try settings.strings("requiredAnnotations")
        let maximum = try settings.integer("maximumSignatures", in: 1...1000)
        try settings.end()
        self.init(
            program: program,
            judgedAt: judgedAt,
            platform: platform,
            requiredAnnotations: annotations,
            maximumSignatures: Int(maximum),
            policies: try contents.policies(),
            images: images
        )
        try contents.checkNothingIsLeft()
    }

    /// Compares the list of members with the members.
    private static func check(_ list: [JSONValue], against members: [String: [UInt8]]) throws(BundleError) {
        var listed: Set<String> = []
        for (index, value) in list.enumerated() {
            var entry = try StrictObject(value, "bundle.members[\(index)]")
            let name = try entry.string("name")
            let digest = try entry.read("digest") { text throws(OCIError) in try Digest(text) }
            let size = try entry.integer("size", in: 0...Int64(limits.maximumMemberBytes))
            try entry.end()
            guard let content = members[name] else { throw BundleError("the member \(name.prefix(120)) is missing") }
            guard listed.insert(name).inserted else { throw BundleError("the member \(name) is listed twice") }
            guard Int64(content.count) == size, digest.algorithm == .sha256, digest.matches(content) else {
                throw BundleError("the member \(name) was altered: it does not have the listed digest and size")
            }
        }
        if let other = members.keys.filter({ !listed.contains($0) }).min() {
            throw BundleError("the member \(other) is not listed")
        }
    }
}

extension StrictObject {
    fileprivate mutating func platform() throws(BundleError) -> Platform? {
        guard let text = try optionalString("platform") else { return nil }
        do throws(OCIError) {
            return try Platform(text)
        } catch {
            throw self.error("platform", "cannot be read: \(error.message)")
        }
    }
}
