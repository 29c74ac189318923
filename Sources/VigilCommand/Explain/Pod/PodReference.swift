/// A pod as people name it on a command line: `pod/NAME`.
struct PodReference: Sendable, Hashable {
    /// The pod's name.
    let name: String

    /// The words before the slash, as `kubectl` has them.
    private static let kinds: Set<Substring> = ["pod", "pods", "po"]

    /// Reads `pod/NAME`; `nil` for everything else, such as an image.
    ///
    /// An image of Docker Hub whose owner is called `pod` is named with its registry, `docker.io/pod/…`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.kinds.contains(parts[0]), !parts[1].isEmpty, parts[1].utf8.count <= 253,
            parts[1].utf8.allSatisfy(Self.isNameByte)
        else { return nil }
        name = String(parts[1])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}
