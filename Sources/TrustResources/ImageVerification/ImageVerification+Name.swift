public import OCIModel

extension ImageVerification {
    /// The name of the object for `digest`: `sha256-` and the first 32 hexadecimal digits, 39 characters.
    ///
    /// A namespace has one object for each digest, so the name depends on the digest alone. 128 bits of it are kept:
    /// nobody can make two images that share a name, and a table row stays short. Always a DNS-1123 label.
    public static func name(for digest: Digest) -> String { "\(digest.algorithm.rawValue)-\(digest.hex.prefix(32))" }

    /// The name of the object for an image without a digest: `ref-` and 32 hexadecimal digits of the SHA-256 of the
    /// reference as the pod writes it.
    ///
    /// Always a DNS-1123 label.
    public static func name(forReference text: String) -> String { "ref-\(Digest.of(Array(text.utf8)).hex.prefix(32))" }
}
