import JSONModel

/// The signed statement: which artifact the signature is about (Notary signature specification, "Payload").
public struct NotaryPayload: Sendable, Hashable {
    /// The artifact's media type, as signed.
    public let mediaType: String
    /// The artifact's digest, as signed; its form is not checked here.
    public let digest: String
    /// The artifact's size in bytes.
    public let size: Int64
    /// Signed annotations (user metadata).
    public let annotations: [String: String]

    /// Reads the payload of an envelope that has been verified, from exactly the bytes that were.
    ///
    /// Members that are not defined are tolerated, for they are signed and grant nothing.
    public init(_ envelope: VerifiedEnvelope) throws(SigningFormatError) {
        try self.init(signed: envelope.contents.payload)
    }

    /// Reads the bytes of a payload, whoever signed them.
    init(signed bytes: [UInt8]) throws(SigningFormatError) {
        let limits = JSONLimits(
            maximumBytes: SigningLimits.payloadBytes,
            maximumDepth: SigningLimits.jsonDepth,
            maximumValues: SigningLimits.jsonValues
        )
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser(limits: limits).parse(bytes)
        } catch {
            throw SigningFormatError(.malformed, "the signed payload is not valid JSON: \(error)")
        }
        guard let target = value["targetArtifact"], target.object != nil else {
            throw SigningFormatError(.malformed, "the signed payload names no target artifact")
        }
        guard let mediaType = target["mediaType"]?.string, !mediaType.isEmpty,
            let digest = target["digest"]?.string, !digest.isEmpty, let size = target["size"]?.integer, size >= 0
        else {
            throw SigningFormatError(
                .malformed,
                "the signed payload lacks the media type, digest or size of its target"
            )
        }
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        annotations = try Self.annotations(target["annotations"])
    }

    private static func annotations(_ value: JSONValue?) throws(SigningFormatError) -> [String: String] {
        guard let value, !value.isNull else { return [:] }
        guard let members = value.object, members.count <= SigningLimits.payloadAnnotations else {
            throw SigningFormatError(
                .malformed,
                "the signed annotations are not an object of at most \(SigningLimits.payloadAnnotations) strings"
            )
        }
        var annotations: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string else {
                throw SigningFormatError(.malformed, "a signed annotation is not a string")
            }
            annotations[name] = text
        }
        return annotations
    }
}
