import FoundationEssentials

/// A status and the JSON that it is written as.
public struct EncodedStatus: Sendable {
    /// The status.
    public let status: ImageVerificationStatus
    /// Its compact JSON.
    public let json: [UInt8]

    init(_ status: ImageVerificationStatus) throws {
        self.status = status
        json = try Array(JSONEncoder.compact.encode(status))
    }
}

extension JSONEncoder {
    /// Writes nothing that JSON does not need.
    static var compact: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }
}
