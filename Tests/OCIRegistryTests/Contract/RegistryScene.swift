import EmbeddedRegistry
import Foundation
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import TestCertificates
import Testing

/// A fresh registry, and clients for it.
struct RegistryScene: Sendable {
    /// Whom a secured registry knows.
    static let user = (name: "robot", password: "hunter2")
    /// What `perl -e 'print crypt("hunter2", q($2y$05$VigilContractSaltForHt.))'` makes of the password on Linux: bcrypt
    /// with its least cost.
    static let htpasswd = "robot:$2y$05$VigilContractSaltForHeTaWUf1Vjrg9ivYKIPMGtaHawSxcgDYW"

    let kind: RegistryKind
    let repository: RepositoryName
    /// Asks with the right password, where there is one.
    let client: RegistryClient
    /// What ``client`` asked.
    let traffic: RegistryTraffic
    private let http: OutboundHTTPClient

    /// Runs `body` with a registry of a kind.
    static func with(_ kind: RegistryKind, _ body: (RegistryScene) async throws -> Void) async throws {
        guard kind.isSecured else { return try await with(kind, nil, body) }
        let authority = try TestAuthority()
        let identity = try authority.issue(addresses: [[127, 0, 0, 1]])
        try await with(kind, (try authority.pem, identity.certificate, identity.key), body)
    }

    private static func with(
        _ kind: RegistryKind,
        _ tls: (authority: String, certificate: String, key: String)?,
        _ body: (RegistryScene) async throws -> Void
    ) async throws {
        func use(_ host: String) async throws {
            var outbound = OutboundConfiguration()
            if let tls { outbound.tls.roots = .only(pem: Array(tls.authority.utf8)) }
            try await OutboundHTTPClient.with(outbound) { http in
                let traffic = RegistryTraffic()
                let repository = try RepositoryName(registry: host, path: "shop/web")
                let credential: RegistryCredential? =
                    tls == nil ? nil : .basic(username: user.name, password: user.password)
                try await body(
                    RegistryScene(
                        kind: kind,
                        repository: repository,
                        client: client(kind, host, http, traffic, credential),
                        traffic: traffic,
                        http: http
                    )
                )
            }
        }
        if kind.isReal {
            try await DistributionProcess.with(
                htpasswd: tls == nil ? nil : htpasswd,
                tls: tls.map { ($0.certificate, $0.key) },
                use
            )
        } else {
            var behaviour = EmbeddedRegistryConfiguration()
            if let tls {
                behaviour.tls = .init(certificateChainPEM: tls.certificate, privateKeyPEM: tls.key)
                behaviour.authentication = .basic(username: user.name, password: user.password)
            }
            try await EmbeddedRegistry.with(behaviour) { try await use($0.host) }
        }
    }

    private static func client(
        _ kind: RegistryKind,
        _ host: String,
        _ http: OutboundHTTPClient,
        _ traffic: RegistryTraffic,
        _ credential: RegistryCredential?
    ) -> RegistryClient {
        var configuration = RegistryConfiguration(credentials: FixedCredential(credential))
        if !kind.isSecured { configuration.plainHTTPHosts = [host] }
        return RegistryClient(http: http, configuration: configuration, traffic: traffic)
    }

    /// A reference to a tag.
    func tag(_ tag: String) -> ImageReference { ImageReference(repository: repository, tag: tag) }

    /// A client that asks with another credential, or none.
    func client(as credential: RegistryCredential?) -> RegistryClient {
        Self.client(kind, repository.registry, http, RegistryTraffic(), credential)
    }

    /// A client that trusts the system's authorities alone.
    func withDistrustfulClient(_ body: (RegistryClient) async throws -> Void) async throws {
        try await OutboundHTTPClient.with { http in
            try await body(Self.client(kind, repository.registry, http, RegistryTraffic(), nil))
        }
    }

    // MARK: - Pushing

    /// Pushes an image of one layer.
    @discardableResult
    func pushImage(_ note: String, tag: String? = nil, type: MediaType = .ociManifest) async throws -> Descriptor {
        let config = try await push(blob: Array("{}".utf8), .ociEmpty)
        let layer = try await push(blob: Array(note.utf8), MediaType("application/vnd.oci.image.layer.v1.tar"))
        let manifest = JSONSerializer().bytes(
            .object([
                "schemaVersion": .integer(2), "mediaType": .string(type.rawValue), "config": config.json,
                "layers": .array([layer.json]),
            ])
        )
        return try await push(manifest: manifest, type, tag: tag)
    }

    /// Pushes a blob (distribution-spec, "Single POST then PUT").
    @discardableResult
    func push(blob: [UInt8], _ type: MediaType) async throws -> Descriptor {
        let base = "\(origin)/v2/\(repository.path)/blobs/uploads/"
        let begun = try await send(.post, base)
        #expect(begun.status == 202)
        let location = try OutboundURL(base).resolving(try #require(begun.headers["location"])).absoluteString
        let digest = "digest=\(PercentEncoding.encode(Digest.of(blob).description))"
        let stored = try await send(
            .put,
            "\(location)\(location.contains("?") ? "&" : "?")\(digest)",
            type: "application/octet-stream",
            body: blob
        )
        #expect(stored.status == 201)
        return Descriptor(of: blob, mediaType: type)
    }

    /// Pushes a manifest under its digest, or a tag.
    @discardableResult
    func push(manifest: [UInt8], _ type: MediaType, tag: String? = nil) async throws -> Descriptor {
        let descriptor = Descriptor(of: manifest, mediaType: type)
        let stored = try await send(
            .put,
            "\(origin)/v2/\(repository.path)/manifests/\(tag ?? descriptor.digest.description)",
            type: type.rawValue,
            body: manifest
        )
        #expect(stored.status == 201)
        return descriptor
    }

    private var origin: String { "\(kind.isSecured ? "https" : "http")://\(repository.registry)" }

    private func send(
        _ method: OutboundRequest.Method,
        _ url: String,
        type: String? = nil,
        body: [UInt8]? = nil
    ) async throws -> OutboundResponse {
        var request = OutboundRequest(method, try OutboundURL(url), body: body)
        request.headers["content-type"] = type
        if kind.isSecured {
            let user = Data("\(Self.user.name):\(Self.user.password)".utf8).base64EncodedString()
            request.headers["authorization"] = "Basic \(user)"
        }
        return try await http.send(request, limit: .kibibytes(4))
    }
}
