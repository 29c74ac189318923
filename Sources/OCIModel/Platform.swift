import JSONModel

/// The operating system and processor an image is for (OCI image-spec, image-index.md, `platform`).
public struct Platform: Sendable, Hashable, CustomStringConvertible {
    /// GOOS value, such as `linux`.
    public let os: String
    /// GOARCH value, such as `amd64`.
    public let architecture: String
    /// Variant of the processor, such as `v8`.
    public let variant: String?

    /// Creates a platform.
    public init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// Reads `os/architecture[/variant]`.
    ///
    /// - Throws: ``OCIError`` with code `invalidDescriptor`.
    public init(_ text: String) throws(OCIError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= 128, (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
            throw OCIError(
                .invalidDescriptor,
                "\"\(text.prefix(64))\" is no platform: expected os/architecture[/variant]"
            )
        }
        self.init(
            os: String(parts[0]),
            architecture: String(parts[1]),
            variant: parts.count == 3 ? String(parts[2]) : nil
        )
    }

    /// Reads the `platform` member of a descriptor; `nil` when it lacks os or architecture.
    init?(json: JSONValue) {
        guard let os = json["os"]?.string, let architecture = json["architecture"]?.string else { return nil }
        self.init(os: os, architecture: architecture, variant: json["variant"]?.string)
    }

    /// `os/architecture[/variant]`.
    public var description: String {
        "\(os)/\(architecture)" + (variant.map { "/\($0)" } ?? "")
    }
}
