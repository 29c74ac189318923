/// What a signature or a manifest says about a piece of content (OCI image-spec, descriptor.md), true or not.
public struct TestDescriptor: Sendable, Hashable {
    /// The content's media type.
    public var mediaType: String
    /// The content's digest, `algorithm:hex`.
    public var digest: String
    /// The content's size in bytes.
    public var size: Int64

    /// Creates a descriptor that says this.
    public init(mediaType: String, digest: String, size: Int64) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
    }

    /// The descriptor of `bytes`, with their SHA-256.
    public init(of bytes: [UInt8], mediaType: String) {
        self.init(mediaType: mediaType, digest: "sha256:\(Self.sha256(bytes))", size: Int64(bytes.count))
    }

    /// The SHA-256 of `bytes` in lower-case hexadecimal.
    static func sha256(_ bytes: [UInt8]) -> String {
        TestHash.sha256.digest(bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The members of its JSON form, sorted by name.
    var members: [JSONWriter.Member] {
        [("digest", JSONWriter.text(digest)), ("mediaType", JSONWriter.text(mediaType)), ("size", String(size))]
    }

    /// The JSON form.
    var json: String { JSONWriter.object(members) }
}
