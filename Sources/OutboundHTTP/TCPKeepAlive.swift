internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// How a connection is found dead whose other end vanished without a word: a machine that lost power, a firewall that
/// forgot.
///
/// Without it the kernel would wait two hours before it looks. A connection that carries nothing is probed; data that
/// was sent must be acknowledged. Either way its streams fail with `connectionLost` or `unreachable` within
/// ``unacknowledgedLimit``, whatever their own time limits are.
public struct TCPKeepAlive: Sendable, Hashable {
    /// How long a connection is quiet before it is probed, in whole seconds; `SO_KEEPALIVE` with `TCP_KEEPIDLE`.
    ///
    /// Default 30.
    public var idleSeconds: Int
    /// The time between probes, in whole seconds; `TCP_KEEPINTVL`.
    ///
    /// Default 10.
    public var intervalSeconds: Int
    /// How many probes stay without an answer before the connection is given up; `TCP_KEEPCNT`.
    ///
    /// Default 3. On Linux ``unacknowledgedLimit`` decides instead where it is set (tcp(7)).
    public var probes: Int
    /// How long data, or a probe, may stay without acknowledgement, in milliseconds; `TCP_USER_TIMEOUT` (RFC 5482).
    ///
    /// Default 45,000. Linux only.
    public var unacknowledgedLimit: Int
    /// Whether closing a connection also forgets what the kernel has not sent yet; `SO_LINGER` of zero (socket(7)).
    ///
    /// Default `false`: the kernel goes on sending by itself for ``unacknowledgedLimit``, even for a process that is gone.
    public var discardsUnsent: Bool

    /// Creates the defaults.
    public init(
        idleSeconds: Int = 30,
        intervalSeconds: Int = 10,
        probes: Int = 3,
        unacknowledgedLimit: Int = 45_000,
        discardsUnsent: Bool = false
    ) {
        self.idleSeconds = idleSeconds
        self.intervalSeconds = intervalSeconds
        self.probes = probes
        self.unacknowledgedLimit = unacknowledgedLimit
        self.discardsUnsent = discardsUnsent
    }

    /// The options of the socket, as NIO takes them.
    var socketOptions: [(ChannelOptions.Types.SocketOption, SocketOptionValue)] {
        var options: [(ChannelOptions.Types.SocketOption, SocketOptionValue)] = [
            (ChannelOptions.socketOption(.so_keepalive), 1)
        ]
        #if os(Linux)
            options += [
                (Self.tcp(TCP_KEEPIDLE), idleSeconds),
                (Self.tcp(TCP_KEEPINTVL), intervalSeconds),
                (Self.tcp(TCP_KEEPCNT), probes),
                (Self.tcp(TCP_USER_TIMEOUT), unacknowledgedLimit),
            ]
        #endif
        return options
    }

    /// Sets the options on a connection.
    ///
    /// A kernel that refuses one is no reason to do without the connection.
    func apply(to channel: any Channel) -> EventLoopFuture<Void> {
        var settings = socketOptions.map { option, value in
            channel.setOption(option, value: value).flatMapErrorThrowing { _ in }
        }
        if discardsUnsent, let socket = channel as? any SocketOptionProvider {
            settings.append(socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).flatMapErrorThrowing { _ in })
        }
        return EventLoopFuture.andAllComplete(settings, on: channel.eventLoop)
    }

    #if os(Linux)
        private static func tcp(_ name: CInt) -> ChannelOptions.Types.SocketOption {
            ChannelOptions.tcpOption(NIOBSDSocket.Option(rawValue: name))
        }
    #endif
}
