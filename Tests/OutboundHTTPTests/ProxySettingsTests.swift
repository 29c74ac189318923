import OutboundHTTP
import Testing

@Suite("Proxy settings")
struct ProxySettingsTests {
    private static let base = ["HTTPS_PROXY": "http://proxy.example:3128", "HTTP_PROXY": "plain.example"]

    private static func proxied(_ url: String, noProxy: String) throws -> Bool {
        let settings = try ProxySettings(environment: base.merging(["NO_PROXY": noProxy]) { $1 })
        return settings.proxy(for: try OutboundURL(url)) != nil
    }

    @Test("each scheme has its own proxy, and upper case goes before lower case")
    func schemes() throws {
        let settings = try ProxySettings(environment: Self.base.merging(["https_proxy": "http://other"]) { $1 })
        #expect(settings.proxy(for: try OutboundURL("https://a.example"))?.description == "http://proxy.example:3128")
        #expect(settings.proxy(for: try OutboundURL("http://a.example"))?.description == "http://plain.example:80")
        let lower = try ProxySettings(environment: ["https_proxy": "http://other", "HTTPS_PROXY": ""])
        #expect(lower.proxy(for: try OutboundURL("https://a.example"))?.host == "other")
        #expect(try ProxySettings(environment: [:]).proxy(for: try OutboundURL("https://a.example")) == nil)
    }

    @Test(
        "NO_PROXY takes hosts, subdomains, ports, addresses and blocks",
        arguments: [
            ("example.com", "https://example.com/", false), ("example.com", "https://a.example.com/", false),
            ("example.com", "https://notexample.com/", true), ("example.com", "https://example.com.evil.org/", true),
            (".example.com", "https://a.example.com/", false), (".example.com", "https://example.com/", true),
            ("*.example.com", "https://a.example.com/", false), ("EXAMPLE.com", "https://a.Example.com/", false),
            ("example.com:8443", "https://example.com:8443/", false),
            ("example.com:8443", "https://example.com/", true),
            ("10.0.0.0/8", "https://10.1.2.3/", false), ("10.0.0.0/8", "https://11.1.2.3/", true),
            ("10.0.0.0/8", "https://10.example.com/", true), ("192.168.1.7", "https://192.168.1.7:5000/", false),
            ("192.168.1.7:5000", "https://192.168.1.7/", true), ("fd00::/8", "https://[fd00::1]/", false),
            ("*", "https://anything.example/", false), (" a.example , b.example ", "https://b.example/", false),
            ("", "https://a.example/", true), (",,", "https://a.example/", true),
        ]
    )
    func exceptions(noProxy: String, url: String, isProxied: Bool) throws {
        #expect(try Self.proxied(url, noProxy: noProxy) == isProxied)
    }

    @Test(
        "this machine is never asked through a proxy",
        arguments: [
            "https://localhost:8080/", "https://127.0.0.1/", "https://[::1]/", "https://127.9.9.9/",
        ]
    )
    func loopback(url: String) throws {
        #expect(try !Self.proxied(url, noProxy: ""))
    }

    @Test("credentials of a proxy are read and never shown")
    func credentials() throws {
        let proxy = try ProxyServer("http://user:p%40ss@proxy.example:8080", source: "HTTPS_PROXY")
        #expect(proxy.host == "proxy.example")
        #expect(proxy.port == 8080)
        #expect(proxy.credentials != nil)
        #expect(proxy.description == "http://proxy.example:8080")
    }

    @Test("TLS to the proxy and SOCKS have their own default ports")
    func kinds() throws {
        let secured = try ProxyServer("https://user:p@proxy.example", source: "HTTPS_PROXY")
        #expect(secured.kind == .https)
        #expect(secured.credentials != nil)
        #expect(secured.description == "https://proxy.example:443")
        #expect(
            try ProxyServer("https://[fd00::1]:8443", source: "HTTPS_PROXY").description == "https://[fd00::1]:8443"
        )
        let proxy = try ProxyServer("socks5://proxy.example", source: "HTTPS_PROXY")
        #expect(proxy.kind == .socks5)
        #expect(proxy.port == 1080)
    }

    @Test(
        "values that cannot be used are an error that names the variable",
        arguments: [
            ("HTTPS_PROXY", "https://"), ("HTTP_PROXY", "http://"), ("HTTPS_PROXY", "ftp://proxy"),
            ("HTTPS_PROXY", "http://proxy/path"), ("HTTPS_PROXY", "http://us%zzer:hunter2@proxy"),
            ("NO_PROXY", "10.0.0.0/99"),
            ("NO_PROXY", "not a host"), ("NO_PROXY", "a.example,https://b.example"),
            ("HTTPS_PROXY", "http://proxy:99999"),
            // Passwords with signs that should have been written as percent triplets.
            ("HTTPS_PROXY", "http://user:hunter2/x@proxy:3128"), ("HTTPS_PROXY", "http://user:hunter2?x@proxy:3128"),
            ("HTTPS_PROXY", "http://user:hunter2#x@proxy:3128"), ("HTTPS_PROXY", "http://user:hunter2@\u{301}proxy"),
            ("HTTPS_PROXY", "user:x//hunter2@proxy"),
        ]
    )
    func unusable(name: String, value: String) {
        #expect { try ProxySettings(environment: [name: value]) } throws: { error in
            let error = error as? OutboundError
            return error?.code == .invalidConfiguration && error?.message.contains(name) == true
                && error?.message.contains("hunter2") == false
        }
    }
}
