/// A media type, compared exactly: case-sensitive, without parameters (OCI image-spec, media-types.md).
public struct MediaType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// Wraps a text; nothing is normalised.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Wraps a text; nothing is normalised.
    public init(_ text: String) { self.rawValue = text }

    /// The text.
    public var description: String { rawValue }

    /// `application/vnd.oci.image.manifest.v1+json`.
    public static let ociManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    /// `application/vnd.oci.image.index.v1+json`.
    public static let ociIndex = MediaType("application/vnd.oci.image.index.v1+json")
    /// `application/vnd.oci.image.config.v1+json`.
    public static let ociConfig = MediaType("application/vnd.oci.image.config.v1+json")
    /// `application/vnd.oci.empty.v1+json`.
    public static let ociEmpty = MediaType("application/vnd.oci.empty.v1+json")
    /// `application/vnd.docker.distribution.manifest.v2+json`.
    public static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    /// `application/vnd.docker.distribution.manifest.list.v2+json`.
    public static let dockerManifestList = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    /// `application/vnd.cncf.notary.signature`: the artifact type of Notary Project signatures.
    public static let notarySignature = MediaType("application/vnd.cncf.notary.signature")
    /// `application/jose+json`: a JWS envelope.
    public static let jose = MediaType("application/jose+json")
    /// `application/cose`: a COSE envelope.
    public static let cose = MediaType("application/cose")

    /// Whether this is an OCI index or a Docker manifest list.
    public var isIndex: Bool { self == .ociIndex || self == .dockerManifestList }

    /// Whether this is an OCI or Docker image manifest.
    public var isImageManifest: Bool { self == .ociManifest || self == .dockerManifest }
}
