@testable import OutboundHTTP

/// Proxies: how they are named, and what they answer.
enum ProxyTargets {
    static let all = [
        .text("proxy-url", named),
        .text("no-proxy", exceptions),
        DecoderTarget("proxy-answer", maximumLength: 2048, answer),
    ]

    private static func named(_ text: String) throws {
        if let proxy = try? ProxyServer(text, source: "HTTPS_PROXY") {
            try demand((1...65_535).contains(proxy.port), "a port is one")
            let shown = try? ProxyServer(proxy.description, source: "HTTPS_PROXY")
            try demand(
                shown?.kind == proxy.kind && shown?.host == proxy.host && shown?.port == proxy.port,
                "a proxy is where its description says"
            )
        }
        // A secret in the place of the credentials, whatever is around it.
        let secret = "hunter2-hunter2"
        guard let sign = text.utf8.lastIndex(of: UInt8(ascii: "@")), !text.contains("hunter2") else { return }
        let shown: String
        do throws(OutboundError) {
            shown = try ProxyServer("\(text[..<sign])\(secret)\(text[sign...])", source: "HTTPS_PROXY").description
        } catch {
            shown = error.message
        }
        try demand(!shown.contains("hunter2"), "credentials are not shown")
    }

    private static func exceptions(_ text: String) throws {
        guard let settings = try? ProxySettings(environment: ["HTTPS_PROXY": "proxy:3128", "NO_PROXY": text]) else {
            return
        }
        try demand(settings.exceptions.count <= text.utf8.count, "entries are no more than there are bytes")
        let url = try OutboundURL("https://registry.example.com/v2/")
        let isDirect = settings.exceptions.contains { $0.matches(url) }
        try demand((settings.proxy(for: url) == nil) == isDirect, "what is excepted, and nothing else, goes directly")
        // Another entry changes nothing for hosts that it does not name.
        let wider = try? ProxySettings(environment: [
            "HTTPS_PROXY": "proxy:3128", "NO_PROXY": "\(text),egistry.example.com",
        ])
        try demand(wider?.proxy(for: url) == settings.proxy(for: url), "hosts are compared label by label")
    }

    private enum Outcome { case waiting, connected, refused }

    /// The first byte says which kind of proxy it is and how long the pieces are; the rest is what it says.
    private static func answer(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let said = Array(bytes.dropFirst())
        let kind = first & 1 == 0 ? "http" : "socks5"
        let proxy = try ProxyServer("\(kind)://proxy:3128", source: "the target")
        let route = TunnelRoute(to: try OutboundURL("https://registry.example.com/"), through: proxy)
        let whole = try outcome(route, said, piece: max(said.count, 1))
        let pieces = try outcome(route, said, piece: Int(first >> 1) + 1)
        switch whole {
        case .connected: try demand(pieces == .connected, "where an answer is cut does not decide that it is one")
        case .waiting: try demand(pieces == .waiting, "where an answer is cut does not decide that it has not ended")
        // Cut at the end of the answer, what follows has not come yet.
        case .refused: break
        }
        if pieces == .refused { try demand(whole == .refused, "what is refused in pieces is refused at once") }
    }

    private static func outcome(_ route: TunnelRoute, _ said: [UInt8], piece: Int) throws -> Outcome {
        var dialogue = route.makeDialogue()
        _ = dialogue.open()
        if route.proxy.kind == .socks5 {
            guard case .send? = try? dialogue.receive([5, 0]) else { throw BrokenPromise("SOCKS goes on") }
        }
        for start in stride(from: 0, to: said.count, by: piece) {
            do throws(OutboundError) {
                let step = try dialogue.receive(Array(said[start..<min(start + piece, said.count)]))
                if step == .connected { return .connected }
            } catch {
                try demand(error.message.utf8.count <= 1024, "a refusal is short")
                return .refused
            }
        }
        return .waiting
    }
}
