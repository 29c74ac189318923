public import FoundationEssentials

/// What a signature shall say, before it becomes a JWS or a COSE envelope.
public struct SigningRequest: Sendable {
    /// The media type of the signed payload.
    public static let payloadMediaType = "application/vnd.cncf.notary.payload.v1+json"

    /// The payload.
    public var payload: [UInt8]
    /// The signing scheme.
    public var scheme = "notary.x509"
    /// The signing time; `nil` leaves it out.
    public var signingTime: Date? = Date(timeIntervalSince1970: 1_767_225_600)
    /// The authentic signing time of a signing authority.
    public var authenticSigningTime: Date?
    /// The expiry.
    public var expiry: Date?
    /// A verification plugin.
    public var plugin: String?
    /// Its lowest version.
    public var pluginMinVersion: String?
    /// The name of the signing program.
    public var signingAgent: String? = "test-kit/1.0"
    /// A timestamp token, of any bytes.
    public var timestampToken: [UInt8]?

    /// A request to sign `subject`.
    public init(_ subject: TestDescriptor, annotations: [String: String] = [:]) {
        payload = Self.payload(subject, annotations: annotations)
    }

    /// A request to sign these very bytes.
    public init(payload: [UInt8]) { self.payload = payload }

    /// The payload for a subject.
    public static func payload(_ subject: TestDescriptor, annotations: [String: String] = [:]) -> [UInt8] {
        var target = subject.members
        if !annotations.isEmpty {
            let sorted = annotations.sorted { $0.key < $1.key }
            let object = JSONWriter.object(sorted.map { (name: $0.key, value: JSONWriter.text($0.value)) })
            target.insert((name: "annotations", value: object), at: 0)
        }
        return Array(JSONWriter.object([("targetArtifact", JSONWriter.object(target))]).utf8)
    }

    /// The same request under scheme `notary.x509.signingAuthority`.
    public func bySigningAuthority(at date: Date) -> SigningRequest {
        var request = self
        request.scheme = "notary.x509.signingAuthority"
        request.signingTime = nil
        request.authenticSigningTime = date
        return request
    }

    /// The names that must be critical.
    var criticalNames: [String] {
        var names = ["io.cncf.notary.signingScheme"]
        if expiry != nil { names.append("io.cncf.notary.expiry") }
        if authenticSigningTime != nil { names.append("io.cncf.notary.authenticSigningTime") }
        if plugin != nil { names.append("io.cncf.notary.verificationPlugin") }
        if pluginMinVersion != nil { names.append("io.cncf.notary.verificationPluginMinVersion") }
        return names
    }

    /// The times under their header names.
    var times: [(name: String, date: Date)] {
        [
            ("io.cncf.notary.signingTime", signingTime),
            ("io.cncf.notary.authenticSigningTime", authenticSigningTime), ("io.cncf.notary.expiry", expiry),
        ].compactMap { name, date in date.map { (name, $0) } }
    }

    /// The texts under their header names.
    var texts: [(name: String, text: String)] {
        [
            ("io.cncf.notary.verificationPlugin", plugin),
            ("io.cncf.notary.verificationPluginMinVersion", pluginMinVersion),
        ].compactMap { name, text in text.map { (name, $0) } }
    }
}
