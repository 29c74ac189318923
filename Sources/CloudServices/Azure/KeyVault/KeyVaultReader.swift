internal import JSONModel
internal import OutboundHTTP
internal import SigningFormats

/// One reading of one certificate.
struct KeyVaultReader {
    private enum Contents {
        case certificates([X509Certificate])
        case disabled
    }

    private let certificate: KeyVaultCertificate
    private let tokens: AzureTokens
    /// What an earlier reading brought.
    private let earlier: KeyVaultReading?
    /// Whether an enabled version of which nothing is known could not be read.
    private var hasUnread = false
    private var reading = KeyVaultReading()
    /// Whether secrets may be read, as far as is known.
    private var readsSecrets = true

    init(_ certificate: KeyVaultCertificate, _ tokens: AzureTokens, _ earlier: KeyVaultReading?) {
        self.certificate = certificate
        self.tokens = tokens
        self.earlier = earlier
    }

    mutating func read() async throws(CloudError) -> KeyVaultReading {
        if let versions = try await versions() {
            for version in versions { try await readIfPossible(version) }
        } else {
            try await read(nil)
        }
        guard !reading.versions.isEmpty else {
            if hasUnread { return reading }
            throw CloudError(.disabled, "\(certificate) has no enabled version")
        }
        guard !reading.certificates.isEmpty else {
            let why = reading.notes.map { "; \($0)" }.joined()
            throw CloudError(.malformed, "\(certificate) holds no certificate that can be a trust anchor\(why)")
        }
        return reading
    }

    // MARK: - Which versions

    /// The versions to read, newest first; `nil` for the newest, whichever it is.
    private mutating func versions() async throws(CloudError) -> [String]? {
        if !certificate.versions.isEmpty { return certificate.versions }
        var forbidden: KeyVaultRefusal?
        for kind in [KeyVaultKind.certificates, .secrets] {
            switch try await KeyVaultVersions(kind, certificate).list(tokens) {
            case .listed(let found):
                let enabled = found.filter(\.isEnabled).sorted { ($1.created, $1.name) < ($0.created, $0.name) }
                guard !enabled.isEmpty else {
                    throw CloudError(.disabled, "\(certificate) has no enabled version")
                }
                let most = KeyVaultCertificate.maximumVersions
                if enabled.count > most { reading.note(.versionsLeftOut(enabled.count - most)) }
                return enabled.prefix(most).map(\.name)
            case .forbidden(let refusal): forbidden = forbidden ?? refusal
            }
        }
        reading.note(.newestOnly(forbidden?.code ?? "403"))
        return nil
    }

    // MARK: - One version

    /// Reads a version; if that is not possible, and the vault said that it is enabled, goes on without it.
    ///
    /// Otherwise the failure would bring back all of the earlier reading, and with it what was disabled since.
    private mutating func readIfPossible(_ version: String) async throws(CloudError) {
        do throws(CloudError) {
            try await read(version)
        } catch {
            guard let earlier, certificate.versions.isEmpty, error.code != .cancelled else { throw error }
            if error.isDefinite { return }
            guard let known = earlier.contents.first(where: { $0.version == version }) else {
                hasUnread = true
                return reading.note(.versionUnread(version, error.message))
            }
            reading.add(version, known.certificates)
            reading.note(.versionKept(version, error.message))
        }
    }

    private mutating func read(_ version: String?) async throws(CloudError) {
        var contents: Contents?
        if readsSecrets { contents = try await secret(version) }
        switch try await either(contents, orCertificate: version) {
        case .disabled:
            if let version, !certificate.versions.isEmpty { reading.note(.versionDisabled(version)) }
        case .certificates(let found):
            let name = version ?? "the newest"
            let anchors = found.filter { $0.isCertificateAuthority || $0.isSelfSigned }.map(\.der)
            if anchors.isEmpty { reading.note(.notAnchor(name)) }
            reading.add(name, anchors)
        }
    }

    private mutating func either(
        _ contents: Contents?,
        orCertificate version: String?
    ) async throws(CloudError) -> Contents {
        if let contents { return contents }
        return try await leaf(version)
    }

    /// What the secret of a version holds; `nil` where only the certificate can be asked for.
    private mutating func secret(_ version: String?) async throws(CloudError) -> Contents? {
        let request = try request(.secrets, version, "api-version=\(KeyVaultClient.apiVersion)")
        let object: JSONValue
        switch try await request.answer(tokens) {
        case .object(let answer): object = answer
        case .refused(let refusal, _):
            if refusal.isDisabled { return .disabled }
            guard refusal.isPermission else { throw request.failure(refusal) }
            readsSecrets = false
            reading.note(.secretsForbidden(refusal.code))
            return nil
        }
        guard try isEnabled(object, .secrets, version) else { return .disabled }
        switch object["contentType"]?.string {
        case "application/x-pem-file": return .certificates(try pem(object))
        case "application/x-pkcs12":
            guard let converted = try await converted(version) else {
                reading.note(.chainPacked)
                return nil
            }
            return .certificates(try pem(converted))
        default:
            throw CloudError(
                .malformed,
                "the secret \(certificate.name) of \(certificate.vault.origin) is no certificate: its content type is "
                    + "neither application/x-pem-file nor application/x-pkcs12"
            )
        }
    }

    /// The secret as PEM text; `nil` where the vault does not convert.
    private func converted(_ version: String?) async throws(CloudError) -> JSONValue? {
        let query =
            "api-version=\(KeyVaultClient.convertingVersion)&outContentType="
            + PercentEncoding.encode("application/x-pem-file")
        guard case .object(let object) = try await request(.secrets, version, query).answer(tokens),
            object["contentType"]?.string == "application/x-pem-file"
        else { return nil }
        return object
    }

    private mutating func pem(_ object: JSONValue) throws(CloudError) -> [X509Certificate] {
        let blocks = PEMBlocks(object["value"]?.string ?? "")
        if blocks.hasPrivateKey { reading.note(.privateKeyReturned) }
        do throws(SigningFormatError) {
            return try CertificateFile.certificates(blocks.certificates)
        } catch {
            // What is wrong is told, what was read is not.
            throw CloudError(.malformed, "the secret of \(certificate) cannot be read: \(error.message)")
        }
    }

    /// The certificate of a version without its chain.
    private func leaf(_ version: String?) async throws(CloudError) -> Contents {
        let request = try request(.certificates, version, "api-version=\(KeyVaultClient.apiVersion)")
        switch try await request.answer(tokens) {
        case .refused(let refusal, _):
            if refusal.isDisabled { return .disabled }
            throw request.failure(refusal)
        case .object(let object):
            guard try isEnabled(object, .certificates, version) else { return .disabled }
            guard let der = object["cer"]?.string.flatMap(Base64.decodeStandard),
                let leaf = try? X509Certificate(der: der)
            else { throw CloudError(.malformed, "\(certificate) cannot be read: it is no X.509 certificate") }
            return .certificates([leaf])
        }
    }

    private func request(
        _ kind: KeyVaultKind,
        _ version: String?,
        _ query: String
    ) throws(CloudError) -> KeyVaultRequest {
        let path = "/\(kind.rawValue)/\(certificate.name)" + (version.map { "/\($0)" } ?? "")
        return try KeyVaultRequest(certificate, path, query, limit: .kibibytes(256))
    }

    /// Whether a version is enabled, after a look at whether it is the one that was asked for.
    private func isEnabled(
        _ object: JSONValue,
        _ kind: KeyVaultKind,
        _ version: String?
    ) throws(CloudError) -> Bool {
        let found = KeyVaultIdentifier(object["id"]?.string, kind: kind, of: certificate)
        guard let found, version == nil || version == found.version else {
            throw CloudError(.malformed, "\(certificate.vault.origin) answered with another object than was asked for")
        }
        return object["attributes"]?["enabled"]?.bool ?? true
    }
}
