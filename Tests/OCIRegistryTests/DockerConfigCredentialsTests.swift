import OCIModel
import OCIRegistry
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Docker configuration")
struct DockerConfigCredentialsTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func look(_ json: String, _ repository: String) async throws -> RegistryCredential? {
        try await DockerConfigCredentials(Array(json.utf8)).credential(for: try RepositoryName(repository))
    }

    private static func auths(_ entries: (String, String)...) -> String {
        let members = entries.map { "\"\($0)\":{\"auth\":\"\(base64($1))\"}" }.joined(separator: ",")
        return "{\"auths\":{\(members)}}"
    }

    @Test(
        "a registry is found by its whole host, however it is written",
        arguments: [
            ("registry.example.com", "registry.example.com/a"),
            ("https://registry.example.com", "registry.example.com/a"),
            ("https://registry.example.com/", "registry.example.com/a"),
            ("http://registry.example.com/v2/", "registry.example.com/a"),
            ("registry.example.com:5000", "registry.example.com:5000/a/b"),
            ("Registry.Example.com", "registry.example.com/a"),
            ("https://index.docker.io/v1/", "docker.io/library/nginx"), ("docker.io", "docker.io/library/nginx"),
            ("registry-1.docker.io", "docker.io/library/nginx"),
            ("registry.example.com/team", "registry.example.com/team/app"),
            ("registry.example.com/team", "registry.example.com/team"),
        ]
    )
    func found(key: String, repository: String) async throws {
        #expect(try await Self.look(Self.auths((key, "u:p:q")), repository) == .basic(username: "u", password: "p:q"))
    }

    @Test(
        "no other registry gets the credential",
        arguments: [
            ("registry.example.com", "registry.example.com:5000/a"),
            ("registry.example.com:5000", "registry.example.com/a"),
            ("example.com", "registry.example.com/a"), ("registry.example.com", "registry.example.com.evil.org/a"),
            ("registry.example.com/team", "registry.example.com/teamwork/app"),
            ("registry.example.com/team", "registry.example.com/other"),
            ("https://index.docker.io/v1/", "ghcr.io/a/b"), ("docker.io", "notdocker.io/a"),
        ]
    )
    func notFound(key: String, repository: String) async throws {
        #expect(try await Self.look(Self.auths((key, "u:p")), repository) == nil)
    }

    @Test("the longest path wins")
    func longest() async throws {
        let json = Self.auths(("r.example", "all:1"), ("r.example/team", "team:2"), ("r.example/team/app", "app:3"))
        #expect(try await Self.look(json, "r.example/team/app") == .basic(username: "app", password: "3"))
        #expect(try await Self.look(json, "r.example/team/app/sub") == .basic(username: "app", password: "3"))
        #expect(try await Self.look(json, "r.example/team/other") == .basic(username: "team", password: "2"))
        #expect(try await Self.look(json, "r.example/x") == .basic(username: "all", password: "1"))
    }

    @Test("tokens go before passwords, and separate fields will do")
    func forms() async throws {
        #expect(
            try await Self.look(#"{"auths":{"r.example":{"auth":"PHRva2VuPjo=","identitytoken":"T"}}}"#, "r.example/a")
                == .identityToken("T")
        )
        #expect(
            try await Self.look(#"{"auths":{"r.example":{"registrytoken":"T"}}}"#, "r.example/a") == .accessToken("T")
        )
        #expect(
            try await Self.look(#"{"auths":{"r.example":{"username":"u","password":"p"}}}"#, "r.example/a")
                == .basic(username: "u", password: "p")
        )
        #expect(try await Self.look(#"{"auths":{"r.example":{}}}"#, "r.example/a") == nil)
        #expect(try await Self.look("{}", "r.example/a") == nil)
    }

    @Test("a credential helper is an error for its registry alone")
    func helper() async throws {
        let json = """
            {"auths":{"r.example":{"auth":"\(Self.base64("u:p"))"}},"credHelpers":{"ecr.example":"ecr-login"}}
            """
        #expect(try await Self.look(json, "r.example/a") != nil)
        #expect(try await Self.look(json, "other.example/a") == nil)
        await #expect { _ = try await Self.look(json, "ecr.example/a") } throws: { error in
            (error as? RegistryError)?.code == .credentialsUnavailable
                && "\(error)".contains("docker-credential-ecr-login")
        }
    }

    @Test("a credential store is an error for registries without an entry of their own")
    func store() async throws {
        let json =
            "{\"auths\":{\"r.example\":{\"auth\":\"\(Self.base64("u:p"))\"},\"s.example\":{}},\"credsStore\":\"desktop\"}"
        #expect(try await Self.look(json, "r.example/a") != nil)
        for registry in ["s.example", "other.example"] {
            await #expect { _ = try await Self.look(json, "\(registry)/a") } throws: { error in
                (error as? RegistryError)?.code == .credentialsUnavailable
            }
        }
    }

    @Test(
        "what cannot be read is an error that shows no secret",
        arguments: [
            "", "[]", "nonsense", #"{"auths":{"r.example":{"auth":"hunter2!"}}}"#,
            #"{"auths":{"r.example":{"auth":"aHVudGVyMg=="}}}"#,
            #"{"auths":{"":{"auth":"dTpw"}}}"#, #"{"auths":{"*.example":{"auth":"dTpw"}}}"#,
            #"{"auths":{"r.example":{"auth":"dTpw"},"https://r.example":{"auth":"dTpx"}}}"#,
            #"{"auths":{"r.example":{"auth":"/zpw"}}}"#, #"{"auths":{"user@r.example":{"auth":"dTpw"}}}"#,
        ]
    )
    func unreadable(json: String) {
        #expect { try DockerConfigCredentials(Array(json.utf8)) } throws: { error in
            (error as? RegistryError)?.code == .credentialsUnavailable && !"\(error)".contains("hunter2")
        }
    }

    @Test("a file of more than 1 MiB is refused")
    func tooLarge() {
        let json = "{\"x\":\"" + String(repeating: "a", count: 1 << 20) + "\"}"
        #expect(throws: RegistryError.self) { try DockerConfigCredentials(Array(json.utf8)) }
    }
}
