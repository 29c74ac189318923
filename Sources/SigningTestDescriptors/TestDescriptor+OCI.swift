public import OCIModel
public import SigningTestKit

extension TestDescriptor {
    /// Says of a piece of content what `descriptor` does; annotations, artifact type and platform are left out.
    public init(_ descriptor: Descriptor) {
        self.init(
            mediaType: descriptor.mediaType.rawValue,
            digest: descriptor.digest.description,
            size: descriptor.size
        )
    }
}
