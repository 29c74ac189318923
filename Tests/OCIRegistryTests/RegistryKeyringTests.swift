import OCIModel
import OCIRegistry
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Keyring of pull secrets")
struct RegistryKeyringTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// A secret with an entry for each key, whose user is the key's number and whose password is `hunter2`.
    private static func keyring(_ keys: String...) throws -> RegistryKeyring {
        let members = keys.enumerated().map { "\"\($1)\":{\"auth\":\"\(base64("user-\($0):hunter2"))\"}" }
        return try RegistryKeyring(
            Array("{\"auths\":{\(members.joined(separator: ","))}}".utf8),
            format: .configuration
        )
    }

    private static func users(_ keyring: RegistryKeyring, _ repository: String) throws -> [String] {
        keyring.credentials(for: try RepositoryName(repository)).map(\.description)
    }

    @Test(
        "a key is for these repositories",
        arguments: [
            ("registry.example.com", "registry.example.com/a"),
            ("https://registry.example.com", "registry.example.com/a"),
            ("http://registry.example.com/", "registry.example.com/a"),
            ("https://registry.example.com/v1/", "registry.example.com/a"),
            ("registry.example.com/v2/", "registry.example.com/a"),
            ("registry.example.com/v2", "registry.example.com/a"),
            ("registry.example.com/v2/team", "registry.example.com/team/app"),
            ("Registry.Example.com", "registry.example.com/a"),
            ("registry.example.com:5000", "registry.example.com:5000/a"),
            ("*.example.com", "registry.example.com/a"), ("*.example.com:5000", "registry.example.com:5000/a"),
            ("registry.*.com", "registry.example.com/a"), ("*.*.com", "registry.example.com/a"),
            ("reg*.example.com", "registry.example.com/a"), ("r*g*y.example.com", "registry.example.com/a"),
            ("*y.example.com", "registry.example.com/a"), ("*.example.com/team", "registry.example.com/team/app"),
            ("registry.example.com/team", "registry.example.com/team"),
            ("registry.example.com/team/", "registry.example.com/team/app"),
            // The path is a prefix letter by letter (keyring.go, URLsMatch).
            ("registry.example.com/team", "registry.example.com/teamwork/app"),
            ("localhost:5000", "localhost:5000/a"), ("[::1]:5000", "[::1]:5000/a"), ("*", "localhost/a"),
            ("docker.io", "docker.io/library/nginx"), ("docker.io/library", "docker.io/library/nginx"),
            ("https://index.docker.io/v1/", "docker.io/library/nginx"), ("index.docker.io", "docker.io/library/nginx"),
            ("https://index.docker.io/v1", "docker.io/library/nginx"),
        ]
    )
    func matches(key: String, repository: String) throws {
        #expect(try Self.users(Self.keyring(key), repository) == ["user user-0"])
    }

    @Test(
        "and for no others",
        arguments: [
            ("registry.example.com", "registry.example.com:5000/a"),
            ("registry.example.com:5000", "registry.example.com/a"),
            ("*.example.com", "registry.example.com:5000/a"), ("*.example.com", "example.com/a"),
            ("*.example.com", "a.b.example.com/a"), ("*", "registry.example.com/a"),
            ("*.com", "registry.example.com/a"),
            ("registry.example.com", "registry.example.com.evil.org/a"), ("example.com", "registry.example.com/a"),
            ("reg*t.example.com", "registry.example.com/a"), ("registry.example.com/team", "registry.example.com/tea"),
            ("registry.example.com/*/app", "registry.example.com/team/app"),
            ("r?gistry.example.com", "registry.example.com/a"),
            ("registry.example.com:*", "registry.example.com:5000/a"),
            ("registry.example.com/team/", "registry.example.com/team"),
            ("user@registry.example.com", "registry.example.com/a"), ("", "registry.example.com/a"),
            ("https://", "registry.example.com/a"), ("/", "registry.example.com/a"),
            ("index.docker.io/library", "docker.io/library/nginx"), ("docker.io/team", "docker.io/library/nginx"),
            ("https://index.docker.io/v1/", "quay.io/a/b"), ("*.docker.io", "docker.io/library/nginx"),
        ]
    )
    func otherRepositories(key: String, repository: String) throws {
        #expect(try Self.users(Self.keyring(key), repository) == [])
    }

    @Test("every match is tried, the most specific first, and Docker Hub's old name only where nothing else matches")
    func order() throws {
        let keyring = try Self.keyring(
            "r.example",
            "*.example",
            "r.example/team",
            "r.example/team/app",
            "other.example"
        )
        #expect(
            try Self.users(keyring, "r.example/team/app")
                == ["user user-3", "user user-2", "user user-0", "user user-1"]
        )
        #expect(try Self.users(keyring, "r.example/x") == ["user user-0", "user user-1"])
        let hub = try Self.keyring("https://index.docker.io/v1/", "docker.io")
        #expect(try Self.users(hub, "docker.io/library/nginx") == ["user user-1"])
    }

    @Test("of several secrets all count; for the same pattern in the order in which they came, each credential once")
    func several() throws {
        func secret(_ user: String) throws -> RegistryKeyring {
            try RegistryKeyring(
                Array(#"{"r.example":{"username":"\#(user)","password":"p","email":"a@b"}}"#.utf8),
                format: .legacy
            )
        }
        var keyring = RegistryKeyring()
        #expect(keyring.isEmpty)
        for user in ["b", "a", "b", "c"] { keyring.add(try secret(user)) }
        #expect(try Self.users(keyring, "r.example/x") == ["user b", "user a", "user c"])
        for number in 0..<40 { keyring.add(try secret("n\(number)")) }
        #expect(try Self.users(keyring, "r.example/x").count == RegistryKeyring.maximumCandidates)
    }

    @Test("both formats and every form of an entry are read")
    func forms() throws {
        let padded = #"{"r.example":{"auth":"\#(Self.base64("u:p1"))"}}"#
        let bare = #"{"r.example":{"auth":"\#(Self.base64("u:p12").replacing("=", with: ""))"}}"#
        let token = #"{"r.example":{"auth":"\#(Self.base64("u:p"))","identitytoken":"T"}}"#
        for (text, expected) in [
            (padded, RegistryCredential.basic(username: "u", password: "p1")),
            (bare, .basic(username: "u", password: "p12")), (token, .identityToken("T")),
        ] {
            let legacy = try RegistryKeyring(Array(text.utf8), format: .legacy)
            let current = try RegistryKeyring(Array("{\"auths\":\(text)}".utf8), format: .configuration)
            let repository = try RepositoryName("r.example/a")
            #expect(legacy.credentials(for: repository) == [expected])
            #expect(current.credentials(for: repository) == [expected])
        }
        #expect(try RegistryKeyring(Array(#"{"auths":{"r.example":{}}}"#.utf8), format: .configuration).isEmpty)
    }

    @Test(
        "what is hostile or broken is refused, and shown to nobody",
        arguments: [
            "", "hunter2", "[]", "null", "{}", #"{"auths":[]}"#, #"{"auths":"hunter2"}"#,
            #"{"auths":{"r.example":{"auth":"hunter2!"}}}"#, #"{"auths":{"r.example":{"auth":"aHVudGVyMg=="}}}"#,
            #"{"auths":{"r.example":{"auth":"/zpw"}}}"#, #"{"auths":{"r.example":{"auth":"Omh1bnRlcjI="}}}"#,
            #"{"auths":{"hunter2":{},"hunter2":{}}}"#, #"{"auths":{},"auths":{"hunter2":{}}}"#,
            #"{"auths":{"r.example":{"auth":"dTpw"}}} hunter2"#,
            "{\"auths\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
            "{\"auths\":{" + (0...1000).map { "\"r\($0)\":{}" }.joined(separator: ",") + "}}",
            "{\"auths\":{\"hunter2\":\"" + String(repeating: "a", count: 1 << 20) + "\"}}",
        ]
    )
    func refused(text: String) {
        #expect { try RegistryKeyring(Array(text.utf8), format: .configuration) } throws: { error in
            let shown = "\(error) \((error as? RegistryKeyring.Defect)?.message ?? "")"
            return error is RegistryKeyring.Defect && !shown.contains("hunter2")
                && !shown.contains("aHVudGVyMg") && !shown.contains("Omh1bnRlcjI")
        }
    }

    @Test("one entry that cannot be used takes the whole secret, one that names no registry only itself")
    func entries() throws {
        let bad = #"{"auths":{"a.example":{"auth":"dTpw"},"b.example":{"auth":"!"}}}"#
        #expect(throws: RegistryKeyring.Defect.self) {
            try RegistryKeyring(Array(bad.utf8), format: .configuration)
        }
        #expect(try Self.users(Self.keyring("user@b.example", "a.example"), "a.example/x") == ["user user-1"])
    }

    @Test("no description shows a credential")
    func descriptions() throws {
        let keyring = try Self.keyring("r.example")
        var dumped = ""
        dump(keyring, to: &dumped)
        for text in ["\(keyring)", String(reflecting: keyring), dumped, "\([keyring])"] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }

    @Test("a pattern of many asterisks costs no more than its length times that of the host")
    func backtracking() throws {
        let keyring = try Self.keyring(String(repeating: "*a", count: 400) + "b")
        let clock = ContinuousClock()
        let elapsed = try clock.measure {
            for _ in 0..<100 {
                _ = try Self.users(keyring, "\(String(repeating: "a", count: 200))/x")
            }
        }
        #expect(elapsed < .seconds(20))
    }
}
