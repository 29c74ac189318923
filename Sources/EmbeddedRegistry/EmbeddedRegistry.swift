internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
public import OCIModel
internal import Synchronization

/// A stand-in for a registry, for tests and demonstrations: it keeps everything in memory and misbehaves on request.
///
/// It speaks the pull, push, referrers and tag listing parts of distribution-spec 1.1 strictly (digests are computed,
/// media types compared, references checked) on 127.0.0.1. It shares no code with the client it tests. Whoever starts
/// one stops it; ``with(_:_:)`` does both.
public final class EmbeddedRegistry: Sendable {
    /// `127.0.0.1:port`: the registry part of references to it.
    public let host: String
    private let listener: any Channel
    private let responder: Shared
    private let connections: ConnectionList

    private init(listener: any Channel, responder: Shared, connections: ConnectionList, host: String) {
        self.listener = listener
        self.responder = responder
        self.connections = connections
        self.host = host
    }

    /// Starts listening.
    ///
    /// - Throws: whatever the network says when it cannot listen; NIOSSL's errors for an unusable certificate.
    public static func start(
        _ configuration: EmbeddedRegistryConfiguration = EmbeddedRegistryConfiguration()
    ) async throws -> EmbeddedRegistry {
        let responder = Shared(RegistryResponder(configuration))
        let connections = ConnectionList()
        let tls = try configuration.tls.map { try Self.context(for: $0) }
        let latency = configuration.latency
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(RegistryConnection(latency: latency) { responder.respond(to: $0) })
                }
            }
            .bind(host: "127.0.0.1", port: configuration.port).get()
        let host = "127.0.0.1:\(listener.localAddress?.port ?? 0)"
        responder.update { $0.guardian.origin = (tls == nil ? "http://" : "https://") + host }
        return EmbeddedRegistry(listener: listener, responder: responder, connections: connections, host: host)
    }

    /// Closes the listener and every connection, also those that hang.
    public func stop() async {
        try? await listener.close().get()
        connections.closeAll()
    }

    /// Runs `body` with a registry that is stopped afterwards, whatever happens.
    @discardableResult
    public static func with<Result: Sendable>(
        _ configuration: EmbeddedRegistryConfiguration = EmbeddedRegistryConfiguration(),
        _ body: (EmbeddedRegistry) async throws -> Result
    ) async throws -> Result {
        let registry = try await start(configuration)
        do {
            let result = try await body(registry)
            await registry.stop()
            return result
        } catch {
            await registry.stop()
            throw error
        }
    }

    private static func context(for identity: EmbeddedRegistryConfiguration.TLSIdentity) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificateChainPEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        if let authority = identity.clientAuthorityPEM {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    // MARK: Contents

    /// Why something was not taken in.
    public struct PushError: Error, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// Puts a blob into a repository, which comes into being with it.
    ///
    /// - Parameters:
    ///   - bytes: the blob.
    ///   - mediaType: what the descriptor says it is.
    ///   - repository: the path below the registry.
    /// - Returns: its descriptor.
    /// - Throws: ``PushError``, never for a blob.
    @discardableResult
    public func push(
        blob bytes: [UInt8],
        mediaType: MediaType = MediaType("application/octet-stream"),
        to repository: String
    ) throws -> Descriptor {
        _ = try change { (contents) throws(RegistryContents.Refusal) in try contents.putBlob(bytes, repository) }
        return Descriptor(of: bytes, mediaType: mediaType)
    }

    /// Puts a manifest into a repository.
    ///
    /// What it names must be there.
    ///
    /// - Returns: its descriptor, with the artifact type the referrers API reports.
    /// - Throws: ``PushError`` when it is malformed, or names what is not there.
    @discardableResult
    public func push(
        manifest bytes: [UInt8],
        mediaType: MediaType = .ociManifest,
        to repository: String,
        tag: String? = nil
    ) throws -> Descriptor {
        try change { (contents) throws(RegistryContents.Refusal) in
            try contents.putManifest(bytes, mediaType: mediaType, repository, tag: tag).descriptor
        }
    }

    /// Lets a tag mean a digest; with several, each reading of the tag finds the next one.
    public func setTag(_ tag: String, of repository: String, to digests: Digest...) {
        responder.update { $0.contents.setTag(tag, repository, to: digests) }
    }

    /// Removes a manifest, and the tags that mean it.
    public func delete(manifest digest: Digest, from repository: String) {
        responder.update { _ = $0.contents.deleteManifest(digest, repository) }
    }

    private func change<Value: Sendable>(
        _ body: (inout RegistryContents) throws(RegistryContents.Refusal) -> Value
    ) throws -> Value {
        do {
            return try responder.update { try body(&$0.contents) }
        } catch let error as RegistryContents.Refusal {
            throw PushError(description: "\(error.code): \(error.message)")
        }
    }

    // MARK: Behaviour

    /// Lets something go wrong.
    ///
    /// Of the faults that concern a request, the one injected first happens.
    public func inject(_ effect: RegistryFault.Effect, target: String, method: String? = nil, times: Int? = nil) {
        responder.update { $0.faults.append(RegistryFault(effect, target: target, method: method, times: times)) }
    }

    /// Ends all faults.
    public func healFaults() {
        responder.update { $0.faults = [] }
    }

    /// Makes every token that was issued useless.
    public func revokeTokens() {
        responder.update { $0.guardian.revoke() }
    }

    /// The requests so far, in order.
    public var requests: [RecordedRequest] {
        responder.update { $0.requests }
    }
}

/// The responder, shared by all connections.
private final class Shared: Sendable {
    private let responder: Mutex<RegistryResponder>

    init(_ responder: RegistryResponder) {
        self.responder = Mutex(responder)
    }

    func respond(to request: RecordedRequest) -> (RegistryAnswer, RegistryFault.Effect?) {
        responder.withLock { $0.respond(to: request) }
    }

    func update<Value: Sendable, Failure: Error>(
        _ body: (inout RegistryResponder) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try responder.withLock { (responder) throws(Failure) in try body(&responder) }
    }
}

/// The open connections.
private final class ConnectionList: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in
            self.channels.withLock { $0[id] = nil }
        }
    }

    func closeAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}
