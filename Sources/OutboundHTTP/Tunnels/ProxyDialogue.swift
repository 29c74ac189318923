/// What is said with a proxy until it has connected to a server: bytes in, bytes out.
protocol ProxyDialogue {
    /// What the client says first.
    mutating func open() -> [UInt8]

    /// Takes what the proxy said, cut anywhere.
    ///
    /// - Returns: what to do next; after `connected` the bytes that follow are the server's.
    /// - Throws: ``OutboundError`` with code `proxyRefused` when there will be no connection.
    mutating func receive(_ bytes: [UInt8]) throws(OutboundError) -> ProxyDialogueStep
}

/// What a ``ProxyDialogue`` wants done.
enum ProxyDialogueStep: Hashable {
    /// Wait for more.
    case wait
    /// Say this, and wait for more.
    case send([UInt8])
    /// The proxy has connected.
    case connected
}

extension TunnelRoute {
    /// The dialogue in the proxy's own protocol.
    func makeDialogue() -> any ProxyDialogue {
        switch proxy.kind {
        case .http, .https: ConnectDialogue(self)
        case .socks5: SOCKSDialogue(self)
        }
    }

    /// The error for a proxy that speaks before it can have anything to say.
    ///
    /// What it sent would be taken for the server's, and both kinds of server wait for the client to begin.
    var unaskedBytes: OutboundError { refusal("it sent more than its answer; it is not a proxy that can be used") }
}
