import NIOCore
import NIOPosix
import Synchronization

/// Carries TCP between a free port of loopback and a server, until what it carries by then is frozen.
///
/// Nothing goes through a frozen connection any more, and neither end is told, as when a router on the way was restarted.
final class FreezingProxy: Sendable {
    /// Where it listens on 127.0.0.1.
    let port: Int
    private let links: Links

    private init(port: Int, links: Links) {
        self.port = port
        self.links = links
    }

    /// How many connections were made through it so far.
    var connections: Int { links.all.withLock { $0.count } }

    /// Freezes the connections that there are; what is connected from now on works.
    func freeze() { links.all.withLock { for link in $0 { link.isFrozen.store(true, ordering: .relaxed) } } }

    /// Runs `body` with a proxy to a port of 127.0.0.1; its connections end with it.
    static func with<Value>(to server: Int, _ body: (FreezingProxy) async throws -> Value) async throws -> Value {
        let links = Links()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in join(client, to: server, in: links) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        let result = await Result { try await body(FreezingProxy(port: port, links: links)) }
        try? await listener.close().get()
        for link in links.all.withLock({ $0 }) { for end in link.ends { try? await end.close().get() } }
        return try result.get()
    }

    /// Connects to the server, and has either end read once both write to the other.
    private static func join(_ client: any Channel, to server: Int, in links: Links) -> EventLoopFuture<Void> {
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: server)
            .flatMap { server in
                let link = Link(ends: [client, server])
                links.all.withLock { $0.append(link) }
                return client.pipeline.addHandler(OneWay(to: server, link))
                    .and(server.pipeline.addHandler(OneWay(to: client, link)))
                    .flatMap { _ in
                        client.setOption(.autoRead, value: true).and(server.setOption(.autoRead, value: true))
                    }
                    .map { _ in }
            }
    }

    private final class Links: Sendable {
        let all = Mutex<[Link]>([])
    }

    /// A connection of a client with the one to the server that belongs to it.
    private final class Link: Sendable {
        let ends: [any Channel]
        let isFrozen = Atomic(false)

        init(ends: [any Channel]) { self.ends = ends }
    }

    /// What one end sends, to the other.
    private final class OneWay: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let link: Link

        init(to other: any Channel, _ link: Link) {
            self.other = other
            self.link = link
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !link.isFrozen.load(ordering: .relaxed) else { return }
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            guard !link.isFrozen.load(ordering: .relaxed) else { return }
            other.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous closure returns or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
