import FoundationEssentials
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
    init(body: [UInt8], asked: String) throws(APIError) {
        do {
            let list = try JSONDecoder().decode(DecodedList<Object>.self, from: Data(body))
            self.init(
                resourceVersion: list.metadata?.resourceVersion ?? "",
                continueToken: list.metadata?.continue.flatMap { $0.isEmpty ? nil : $0 },
                items: list.items.compactMap(\.object),
                unreadable: list.items.compactMap(\.failure)
            )
        } catch {
            throw APIError(
                .malformedResponse,
                httpStatus: 200,
                message: "\(asked) was answered with something that is no list: \(DecodingSentence(error))"
            )
        }
    }
}

private struct DecodedList<Object: KubernetesObject>: Decodable {
    struct Item: Decodable {
        var object: Object?
        var failure: ObjectPage<Object>.Unreadable?

        private struct MetadataOnly: Decodable { var metadata: ObjectMeta }

        init(from decoder: any Decoder) throws {
            do {
                object = try Object(from: decoder)
            } catch {
                let metadata = try? MetadataOnly(from: decoder).metadata
                failure = ObjectPage<Object>.Unreadable(
                    key: metadata.map { ObjectKey(namespace: $0.namespace, name: $0.name) },
                    cause: DecodingSentence(error).description
                )
            }
        }
    }

    struct Metadata: Decodable {
        var resourceVersion: String?
        var `continue`: String?
    }

    var metadata: Metadata?
    var items: [Item]

    private enum CodingKeys: String, CodingKey { case metadata, items }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decodeIfPresent(Metadata.self, forKey: .metadata)
        // The key must be there: without it this is an object of another kind, not an empty list.
        if try container.decodeNil(forKey: .items) {
            items = []
        } else {
            items = try container.decode([Item].self, forKey: .items)
        }
    }
}
