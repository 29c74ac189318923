import OCIModel
import OCIRegistry

/// The shape of a manifest that carries a Notary Project signature (signature-specification.md, "OCI Signatures").
enum SignatureManifest {
    enum Content: Sendable, Hashable {
        /// The one envelope it carries.
        case envelope(Descriptor)
        /// It is something else or speaks of another manifest: no candidate at all.
        case otherArtifact
        /// It calls itself a signature and is not one.
        case malformed(String)
    }

    /// Finds the envelope in `fetched`, a candidate for a signature of `subject`.
    ///
    /// The listing is only a hint, so the manifest's own type and subject decide. A manifest with another subject is no
    /// candidate: what binds is the signed payload, but a signature that was never attached here does not count against
    /// the image either.
    static func envelope(in fetched: FetchedManifest, subject: Descriptor) -> Content {
        let short = fetched.descriptor.digest.short
        guard case .image(let image) = fetched.manifest, image.artifactType == .notarySignature,
            let named = image.subject, named.digest == subject.digest
        else { return .otherArtifact }
        // Two forms: `artifactType` with the empty config, or the older one that names the type in the config alone.
        guard image.mediaType == .ociManifest, !image.declaresArtifactType || image.config.mediaType == .ociEmpty else {
            return .malformed(
                "signature manifest \(short) of type \(image.mediaType.rawValue.prefix(80)) has a config of type "
                    + "\(image.config.mediaType.rawValue.prefix(80)), which is no form of a signature"
            )
        }
        guard image.layers.count == 1, let layer = image.layers.first else {
            return .malformed("signature manifest \(short) has \(image.layers.count) layers instead of one envelope")
        }
        guard layer.mediaType == .jose || layer.mediaType == .cose else {
            return .malformed(
                "signature manifest \(short) carries \(layer.mediaType.rawValue.prefix(80)), "
                    + "which is no known envelope"
            )
        }
        return .envelope(layer)
    }
}
