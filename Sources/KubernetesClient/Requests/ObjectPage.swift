public import KubernetesAPI

/// Objects of a list, or one page of them.
public struct ObjectPage<Object: KubernetesObject>: Sendable {
    /// An item that could not be decoded.
    public struct Unreadable: Sendable, Hashable {
        /// The object, as far as its metadata could be read.
        public let key: ObjectKey?
        /// Why it could not be decoded.
        public let cause: String
    }

    /// The version the list shows; a watch goes on from here.
    public var resourceVersion: String
    /// The token of the next page; `nil` on the last.
    public var continueToken: String?
    /// The objects.
    public var items: [Object]
    /// The items that could not be decoded.
    public var unreadable: [Unreadable]
}

extension ObjectPage {
    /// Reads the body of an answer.
    ///
    /// One odd item does not spoil the others.
    init(body: [UInt8], asked: String) throws {
        var items: [Object] = []
        var unreadable: [Unreadable] = []
        var decoder = ListDecoder<Object>(.whole, asked: asked)
        try decoder.take(body) { element in
            switch element {
            case .object(let object): items.append(object.value)
            case .unreadable(let key, let cause): unreadable.append(Unreadable(key: key, cause: cause))
            }
        }
        let position = try decoder.finish()
        self.init(
            resourceVersion: position.resourceVersion,
            continueToken: position.continueToken,
            items: items,
            unreadable: unreadable
        )
    }
}
