import KubernetesAPI

/// The body of a watch, in whichever form the server sends it, as lines of JSON.
struct WatchBody: Sendable {
    private enum Form: Sendable {
        case lines(WatchDecoder)
        case frames(WatchFrameDecoder, ProtobufTranscriber, ProtobufShape)
    }

    /// What is asked for where Protocol Buffers can be read; servers that do not have the kind in it answer in JSON.
    static let accept = "\(protobuf), application/json"
    private static let protobuf = "application/vnd.kubernetes.protobuf"

    private var form: Form

    /// Creates the body of an answer.
    ///
    /// - Parameters:
    ///   - contentType: what the server says it sends.
    ///   - shape: what is read of the objects in Protocol Buffers; `nil` where they are read in JSON alone.
    ///   - limit: the longest line or frame, in bytes.
    init(contentType: String?, _ shape: ProtobufShape?, limit: Int) {
        if let shape, let contentType, contentType.hasPrefix(Self.protobuf) {
            form = .frames(
                WatchFrameDecoder(maximumFrameBytes: limit),
                ProtobufTranscriber(limit: limit),
                shape
            )
        } else {
            form = .lines(WatchDecoder(maximumLineBytes: limit))
        }
    }

    /// Gives each event that is complete with `chunk` to `read`, and returns what went wrong, instead of throwing: the
    /// events before it count.
    mutating func failure(
        reading chunk: [UInt8],
        asked path: String,
        _ read: (UnsafeRawBufferPointer) throws(APIError) -> Void
    ) -> APIError? {
        do {
            try decode(chunk, read)
            return nil
        } catch let error as APIError {
            return error
        } catch let error as ProtobufError {
            return APIError(
                .malformedResponse,
                httpStatus: 500,
                message: "a frame of the watch on \(path) is no watch event: \(error)"
            )
        } catch {
            return APIError(.malformedResponse, httpStatus: 500, message: "GET \(path): \(error)")
        }
    }

    private mutating func decode(_ chunk: [UInt8], _ read: (UnsafeRawBufferPointer) throws(APIError) -> Void) throws {
        switch form {
        case .lines(var decoder):
            // Two owners of the unfinished line would copy it.
            form = .lines(WatchDecoder())
            defer { form = .lines(decoder) }
            try decoder.decode(chunk, read)
        case .frames(var decoder, var transcriber, let shape):
            form = .lines(WatchDecoder())
            defer { form = .frames(decoder, transcriber, shape) }
            try decoder.decode(chunk) { frame in
                try transcriber.transcribe(event: frame, shape)
                try transcriber.json.withUnsafeBytes { try read($0) }
            }
        }
    }
}
