internal import JSONModel
internal import KubernetesAPI

/// The bytes in which an answer goes out; within the cluster every answer is JSON.
enum AnswerEncoding: Sendable {
    case json
    /// Pods, lists of pods, events of watches on pods and failures; what has no such form stays JSON.
    case protobuf

    private static let mediaType = "application/vnd.kubernetes.protobuf"

    /// Chooses as the client says: protobuf where it is named first, for pods.
    init(_ request: APIRequest) {
        let target = RequestTarget(path: request.path)
        guard case .resource("", "v1", _, "pods", _, "") = target, let accept = request.headers["accept"],
            let first = accept.split(separator: ",").first
        else {
            self = .json
            return
        }
        let parts = first.split(separator: ";").map { $0.filter { $0 != " " } }
        let isObject = !parts.contains { $0.hasPrefix("as=") }
        self = parts.first == Self.mediaType && isObject ? .protobuf : .json
    }

    /// The request as the cluster answers it, in JSON.
    func inner(_ request: APIRequest) -> APIRequest {
        guard self == .protobuf else { return request }
        var request = request
        request.headers["accept"] = "application/json"
        return request
    }

    /// An answer as it goes out.
    func encode(_ response: APIResponse) -> APIResponse {
        guard self == .protobuf, let object = try? JSONParser().parse(response.body),
            let body = Self.object(object)
        else { return response }
        var response = response
        response.headers["content-type"] = Self.mediaType
        response.body = body
        return response
    }

    /// The headers of a watch as they go out.
    func encode(_ headers: [String: String]) -> [String: String] {
        guard self == .protobuf else { return headers }
        return headers.merging(["content-type": "\(Self.mediaType);stream=watch"]) { _, new in new }
    }

    /// An event of a watch as it goes out; bytes that are no event are sent as they are.
    func encode(line: [UInt8]) -> [UInt8] {
        guard self == .protobuf, let event = try? JSONParser().parse(line), let type = event["type"]?.string,
            let object = event["object"], let bytes = Self.object(object)
        else { return line }
        return ProtobufWriter.watchFrame(type: type, object: bytes)
    }

    /// An object in its envelope; `nil` for kinds that have no such form here.
    private static func object(_ object: JSONValue) -> [UInt8]? {
        do throws(ProtobufWriterError) {
            switch object["kind"]?.string {
            case "Pod": return try ProtobufWriter.pod(object)
            case "PodList": return try ProtobufWriter.podList(object)
            case "Status": return try ProtobufWriter.status(object)
            default: return nil
            }
        } catch {
            // Nothing is lost in silence: what cannot be written is a failure of the server.
            let failure = APIFailure(500, "InternalError", "The embedded API server cannot write protobuf: \(error)")
            return try? ProtobufWriter.status(failure.status)
        }
    }
}
