/// A list of objects as the API returns it.
public struct ObjectList<Object: KubernetesObject>: Codable, Sendable {
    /// Where the list stands.
    public struct Metadata: Codable, Sendable, Hashable {
        /// The version the list shows; a watch goes on from here.
        public var resourceVersion: String?
        /// The token for the next page; empty on the last.
        public var `continue`: String?
        /// How many objects follow, where the server says.
        public var remainingItemCount: Int64?
    }

    /// Where the list stands.
    public var metadata: Metadata
    /// The objects.
    public var items: [Object]

    private enum CodingKeys: String, CodingKey { case metadata, items }

    /// Reads a list; `items: null`, which the API writes for an empty list of some kinds, is empty.
    ///
    /// - Throws: `DecodingError` when an item does not decode.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata()
        items = try container.decodeIfPresent([Object].self, forKey: .items) ?? []
    }
}
