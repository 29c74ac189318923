import FoundationEssentials
import JSONModel
import KubernetesAPI
import OutboundHTTP

/// What a credential program gave: a token, a client certificate, or both.
struct ExecCredential: Sendable, Hashable {
    var token: String?
    var identity: TLSSettings.ClientIdentity?
    /// After this it must not be used; `nil` for no end of its own.
    var expiresAt: Date?

    /// Reads a program's answer (`ExecCredential` of `version`).
    ///
    /// - Throws: ``Unusable``, whose sentence shows nothing of the answer.
    init(output: [UInt8], version: ExecCredentialPlugin.Version) throws(Unusable) {
        let document: JSONValue
        do {
            document = try JSONParser(limits: JSONLimits(maximumDepth: 16, maximumValues: 10_000)).parse(output)
        } catch {
            throw Unusable(cause: "it is no JSON")
        }
        guard document["kind"]?.string == "ExecCredential" else {
            throw Unusable(cause: "it is no ExecCredential")
        }
        guard document["apiVersion"]?.string == version.rawValue else {
            throw Unusable(cause: "its apiVersion is not \(version.rawValue), which the kubeconfig asks for")
        }
        guard let status = document["status"], status.object != nil else {
            throw Unusable(cause: "it has no status")
        }
        token = try Self.token(try Self.text(status, "token"))
        identity = try Self.identity(status)
        guard token != nil || identity != nil else {
            throw Unusable(cause: "it holds neither a token nor a client certificate")
        }
        guard let moment = try Self.text(status, "expirationTimestamp") else { return }
        guard let date = RFC3339.date(moment) else {
            throw Unusable(cause: "its expirationTimestamp is no RFC 3339 time")
        }
        expiresAt = date
    }

    /// Why an answer cannot be used.
    struct Unusable: Error {
        var cause: String
    }

    /// The text under `key`; `nil` when it is absent, null or empty.
    private static func text(_ status: JSONValue, _ key: String) throws(Unusable) -> String? {
        guard let value = status[key], !value.isNull else { return nil }
        guard let text = value.string else { throw Unusable(cause: "its \(key) is no text") }
        return text.isEmpty ? nil : text
    }

    private static func token(_ text: String?) throws(Unusable) -> String? {
        guard let text = text?.trimmed else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Unusable(cause: "its token holds characters no token has")
        }
        return text
    }

    private static func identity(_ status: JSONValue) throws(Unusable) -> TLSSettings.ClientIdentity? {
        switch (try text(status, "clientCertificateData"), try text(status, "clientKeyData")) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return TLSSettings.ClientIdentity(
                certificateChainPEM: Array(certificate.utf8),
                privateKeyPEM: Array(key.utf8)
            )
        default:
            throw Unusable(cause: "of clientCertificateData and clientKeyData it holds only one")
        }
    }
}

/// The credential that is in use, and whether another one must be asked for.
struct ExecCredentialCache: Sendable {
    private var credential: ExecCredential?

    /// The credential, if it can still be used.
    func usable(at now: Date) -> ExecCredential? {
        guard let credential else { return nil }
        if let end = credential.expiresAt, now > end { return nil }
        return credential
    }

    /// Takes a new credential into use.
    mutating func store(_ credential: ExecCredential) { self.credential = credential }

    /// The server refused `credential`.
    ///
    /// One that was replaced in the meantime says nothing about its successor.
    mutating func refuse(_ credential: ExecCredential) {
        if self.credential == credential { self.credential = nil }
    }
}
