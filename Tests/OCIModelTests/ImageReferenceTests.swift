import OCIModel
import Testing

@Suite struct ImageReferenceTests {
    private static let hex = String(repeating: "ab", count: 32)

    @Test(
        "references are expanded as container runtimes do",
        arguments: [
            ("nginx", "docker.io/library/nginx"),
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("grafana/grafana", "docker.io/grafana/grafana"),
            ("docker.io/nginx", "docker.io/library/nginx"),
            ("index.docker.io/a/b", "docker.io/a/b"),
            ("localhost/a", "localhost/a"),
            ("localhost:5000/a/b:v1", "localhost:5000/a/b:v1"),
            ("registry.example.com/shop/web:v1@sha256:\(hex)", "registry.example.com/shop/web:v1@sha256:\(hex)"),
            ("127.0.0.1:5000/x@sha256:\(hex)", "127.0.0.1:5000/x@sha256:\(hex)"),
            ("[::1]:5000/x", "[::1]:5000/x"),
            ("a__b/c.d-e--f", "docker.io/a__b/c.d-e--f"),
        ]
    )
    func expanded(_ text: String, _ expected: String) throws {
        #expect(try ImageReference(text).description == expected)
    }

    @Test(
        "malformed references are refused",
        arguments: [
            "", " ", "UPPER/case", "a//b", "/a", "a/", "https://registry.example.com/a", "a:", "a:-tag", "a@",
            "a@sha256:abc",
            "a@md5:\(hex)", "a@sha256:\(hex.uppercased())", "a@sha256:\(hex)@sha256:\(hex)", "a..b/c", "a___b/c",
            "-a/b",
            "host:port/a", "host:99999/a", "a b/c", "é/a", "a/b:\(String(repeating: "t", count: 129))",
            String(repeating: "a", count: 5_000), "../../etc/passwd", "registry.example.com/", "a\u{0}b",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: OCIError.self) { try ImageReference(text) }
    }

    @Test(
        "a name is known as it was written where a registry was written",
        arguments: [
            ("index.docker.io/acme/app:v1", "index.docker.io/acme/app"), ("docker.io/nginx", "docker.io/nginx"),
            ("docker.io/library/nginx@sha256:00", "docker.io/library/nginx"), ("localhost/a:b@c", "localhost/a"),
            ("host:5000/a/b", "host:5000/a/b"), ("host:5000/a/b:v1", "host:5000/a/b"), ("nginx", nil),
            ("acme/app:v1", nil),
            ("nginx:v1.2", nil), ("", nil),
        ]
    )
    func writtenName(_ text: String, name: String?) {
        #expect(ImageReference.writtenName(text) == name)
    }
}

@Suite struct DigestTests {
    @Test("a digest is the hash of the bytes")
    func hashes() {
        #expect(
            Digest.of(Array("abc".utf8)).description
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(Digest.of([], algorithm: .sha512).hex.hasPrefix("cf83e1357eefb8bdf1542850d66d8007"))
        #expect(Digest.of([1]).matches([1]) && !Digest.of([1]).matches([2]))
    }
}
