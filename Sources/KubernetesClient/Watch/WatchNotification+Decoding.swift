import FoundationEssentials
internal import KubernetesAPI

extension WatchNotification {
    /// Reads one line.
    ///
    /// - Throws: ``APIError`` with code `malformedResponse` when the line is no watch event; what it said is lost then,
    ///   and a watcher must synchronise anew.
    public init(line: [UInt8]) throws(APIError) {
        do {
            let envelope = try JSONDecoder().decode(Envelope<Object>.self, from: Data(line))
            self = envelope.notification
        } catch {
            throw APIError(
                .malformedResponse,
                httpStatus: 500,
                message: "a line of the watch on \(Object.resource) is no watch event: \(DecodingSentence(error))"
            )
        }
    }
}

private struct Envelope<Object: KubernetesObject>: Decodable {
    let notification: WatchNotification<Object>

    private enum CodingKeys: String, CodingKey { case type, object }

    private struct MetadataOnly: Decodable {
        var metadata: ObjectMeta
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(String.self, forKey: .type)
        switch type {
        case "BOOKMARK":
            notification = .bookmark(try container.decode(MetadataOnly.self, forKey: .object).metadata)
        case "ERROR":
            let status = try container.decode(StatusFailure.self, forKey: .object)
            notification = .failed(APIError(status, asked: "the watch on \(Object.resource)"))
        case "ADDED", "MODIFIED", "DELETED":
            do {
                let object = try container.decode(Object.self, forKey: .object)
                switch type {
                case "ADDED": notification = .added(object)
                case "MODIFIED": notification = .modified(object)
                default: notification = .deleted(object)
                }
            } catch {
                let metadata = try container.decode(MetadataOnly.self, forKey: .object).metadata
                guard !metadata.name.isEmpty else { throw error }
                notification = .unreadable(
                    metadata,
                    isDeletion: type == "DELETED",
                    cause: DecodingSentence(error).description
                )
            }
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .type,
                in: container,
                debugDescription: "the event type is unknown"
            )
        }
    }
}
