import OutboundHTTP
import Testing

@Suite("URLs")
struct OutboundURLTests {
    @Test("a URL is split into what is connected to and what is sent")
    func parts() throws {
        let url = try OutboundURL("HTTPS://Registry.Example.com:8443/v2/a%2Fb?x=1&y=%20#part")
        #expect(url.scheme == .https)
        #expect(url.host == "registry.example.com")
        #expect(url.port == 8443)
        #expect(url.target == "/v2/a%2Fb?x=1&y=%20")
        #expect(url.origin == "https://registry.example.com:8443")
    }

    @Test("default ports are known and not written")
    func defaultPorts() throws {
        #expect(try OutboundURL("https://a.example").port == 443)
        #expect(try OutboundURL("http://a.example:80/").origin == "http://a.example")
        #expect(try OutboundURL("http://a.example:443/").authority == "a.example:443")
        #expect(try OutboundURL("https://a.example?x").target == "/?x")
    }

    @Test("version 6 addresses are bracketed in URLs and bare as hosts")
    func version6() throws {
        let url = try OutboundURL("http://[::1]:5000/")
        #expect(url.host == "::1")
        #expect(url.authority == "[::1]:5000")
        #expect(url.isInternal)
    }

    @Test(
        "what cannot be sent as it stands is refused",
        arguments: [
            "", "registry.example.com", "//registry.example.com/", "ftp://a.example/", "https:///path", "https://",
            "https://a b/",
            "https://user:secret@a.example/", "https://a.example@evil.example/", "https://a.example:0/",
            "https://a.example:65536/",
            "https://a.example:/x", "https://a.example:80:80/", "https://[::1/", "https://[1.2.3.4]/", "https://127.1/",
            "https://2130706433/", "https://0x7f000001/", "https://a..example/", "https://-/%zz",
            "https://a.example/%2",
            "https://a.example/\r\nx: y", "https://a.example/\u{0}", "https://exämple.com/",
            "https://a.example\\@b.example/",
            "https://a.example/<script>", "javascript:alert(1)", "https://a.example%2eevil/", "https://a.example/?a|b",
            "https://a.example/?a\u{7f}",
        ]
    )
    func refused(text: String) {
        #expect { try OutboundURL(text) } throws: { ($0 as? OutboundError)?.code == .invalidRequest }
    }

    @Test("a URL longer than 8 KiB is refused")
    func tooLong() {
        #expect(throws: OutboundError.self) {
            try OutboundURL("https://a.example/" + String(repeating: "a", count: 8192))
        }
        #expect(throws: OutboundError.self) {
            try OutboundURL(scheme: .http, authority: "a", path: "/", query: String(repeating: "a", count: 8192))
        }
    }

    @Test(
        "references are resolved as RFC 3986 §5.4 shows",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"), ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g/../h", "http://a/b/c/h"),
            ("https://other:8443/x?y", "https://other:8443/x?y"), ("#s", "http://a/b/c/d;p?q"),
        ]
    )
    func resolution(reference: String, result: String) throws {
        let base = try OutboundURL("http://a/b/c/d;p?q")
        #expect(try base.resolving(reference).absoluteString == result)
    }

    @Test("the description hides every value of the query")
    func description() throws {
        let url = try OutboundURL("https://store.example/blob?sig=SECRET&se=2027&X-Amz-Signature=ALSO")
        #expect("\(url)" == "https://store.example/blob?sig=***&se=***&X-Amz-Signature=***")
    }

    @Test(
        "user information is masked wherever a URL is shown",
        arguments: [
            ("https://user:secret@host/p", "https://***@host/p"), ("user:secret@proxy:3128", "***@proxy:3128"),
            ("https://host/p?token", "https://host/p?***"), ("https://host/?a=1#frag", "https://host/?a=***"),
            ("https://host/\u{1b}[31m\n", "https://host/?[31m?"), ("https://a@b@host/", "https://***@host/"),
            // A mark upon a sign makes one character of both, and does not hide the sign.
            ("https://user:secret@\u{301}host/p", "https://***@\u{301}host/p"),
            ("https://host/?\u{301}sig=secret", "https://host/?\u{301}sig=***"),
            ("https://host/?sig=\u{301}secret&\u{301}x=secret", "https://host/?sig=***&\u{301}x=***"),
        ]
    )
    func redaction(text: String, shown: String) {
        #expect(URLRedaction.redact(text) == shown)
    }

    @Test("the error for a refused URL does not repeat its secrets")
    func errorHidesSecrets() {
        #expect { try OutboundURL("https://user:hunter2@host/?sig=hunter2") } throws: { error in
            !"\(error)".contains("hunter2") && "\(error)".contains("host")
        }
    }

    @Test("percent-encoding and decoding undo each other")
    func percentEncoding() {
        #expect(PercentEncoding.encode("application/vnd.x+json; é") == "application%2Fvnd.x%2Bjson%3B%20%C3%A9")
        #expect(PercentEncoding.decode("application%2Fvnd.x%2Bjson%3B%20%C3%A9") == "application/vnd.x+json; é")
        #expect(PercentEncoding.decode("%") == nil)
        #expect(PercentEncoding.decode("%4") == nil)
        #expect(PercentEncoding.decode("%+1") == nil)
        #expect(PercentEncoding.decode("%FF") == nil)
    }

    @Test("header fields keep order and repetition, and ignore case")
    func headerFields() {
        var headers: HeaderFields = ["Link": "<a>", "X": "1"]
        headers.append("LINK", "<b>")
        #expect(headers["link"] == "<a>, <b>")
        #expect(headers.values("Link") == ["<a>", "<b>"])
        #expect(headers.dictionary == ["link": "<a>, <b>", "x": "1"])
        headers["Link"] = nil
        #expect(headers["link"] == nil)
    }
}
