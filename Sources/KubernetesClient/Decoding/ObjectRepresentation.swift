/// How much of each object a server is asked for.
public enum ObjectRepresentation: Sendable, Hashable {
    /// All of it.
    case whole
    /// Its metadata alone (`PartialObjectMetadata`): enough to follow owners and versions, at a fraction of the cost.
    ///
    /// See "Metadata-only fetches" in the Kubernetes API concepts.
    case metadata

    /// What the header `accept` says.
    ///
    /// - Parameter isList: whether the answer is a list, which is a kind of its own.
    /// - Returns: the media type; `nil` to leave the header as it is.
    func accept(isList: Bool = false) -> String? {
        switch self {
        case .whole: nil
        case .metadata: "application/json;as=\(isList ? Self.partialList : Self.partial);g=meta.k8s.io;v=v1"
        }
    }

    /// The kind of such an object.
    static let partial = "PartialObjectMetadata"
    private static let partialList = "PartialObjectMetadataList"
}
