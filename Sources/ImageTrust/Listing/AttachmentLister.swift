import NotaryVerification
public import OCIModel
public import OCIRegistry

/// Lists what a registry holds about an image, under no policy.
public struct AttachmentLister: Sendable {
    private let registry: any ImageRegistry
    private let maximumSignatures: Int

    /// Creates a lister that asks `registry`.
    ///
    /// - Parameters:
    ///   - registry: where the image lies.
    ///   - maximumSignatures: how many signatures are looked at, 1 or more.
    public init(registry: any ImageRegistry, maximumSignatures: Int = ImageJudge.usualMaximumSignatures) {
        self.registry = registry
        self.maximumSignatures = max(1, maximumSignatures)
    }

    /// Lists what refers to `image`.
    ///
    /// A signature that cannot be read is listed with the reason; it hides no other.
    ///
    /// - Throws: `RegistryError` when the image or the listing could not be had, or a signature could not be asked for.
    public func attachments(of image: ImageReference) async throws(RegistryError) -> ImageAttachments {
        let evidence = ImageEvidence(
            registry: registry,
            image: image,
            maximumSignatures: maximumSignatures
        )
        let subject = try await evidence.resolution().get().descriptor
        var seen: Set<Digest> = []
        let listed = try await registry.referrers(image.repository, to: subject.digest, artifactType: nil)
            .filter { seen.insert($0.digest).inserted }
        let candidates = listed.filter { $0.artifactType == .notarySignature }
        let collection = await evidence.signatures(among: candidates, of: subject)
        if let error = collection.unreachable.first { throw error }
        return ImageAttachments(
            subject: subject,
            signatures: candidates.prefix(maximumSignatures).map { Self.signature($0, in: collection, of: subject) },
            others: listed.filter { $0.artifactType != .notarySignature },
            unseen: max(0, candidates.count - maximumSignatures)
        )
    }

    private static func signature(
        _ descriptor: Descriptor,
        in collection: SignatureCollection,
        of subject: Descriptor
    ) -> ImageAttachments.Signature {
        if let evidence = collection.signatures.first(where: { $0.manifestDigest == descriptor.digest }) {
            return ImageAttachments.Signature(
                descriptor: descriptor,
                envelopeType: evidence.mediaType,
                inspection: SignatureInspection(evidence, subject: subject)
            )
        }
        let unreadable = collection.unreadable.first { $0.manifest == descriptor.digest }
        let problem = unreadable?.message ?? "its manifest is no signature of this image, whatever the registry lists"
        return ImageAttachments.Signature(
            descriptor: descriptor,
            envelopeType: nil,
            inspection: SignatureInspection(problem: problem)
        )
    }
}
