import FoundationEssentials
import OCIModel
import OCIRegistry
import TestDocuments
import TestTiming
import Testing

@testable import VigilCommand

/// Programs that keep the credentials of Docker's configuration, as real child processes.
@Suite(.timeLimit(.minutes(2))) struct CredentialHelperTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Puts a program onto the search path; it writes what it is asked into `asked`.
    ///
    /// What is executed was never open for writing in this process: the children of others would hold it open between
    /// their fork and their program, and the system executes no such file (execve(2), `ETXTBSY`).
    private func install(_ name: String, _ script: String) throws {
        try folder.write("bin/docker-credential-\(name).sh", "\(script)\n")
        let program = "\(Checkout.root.path)/Tests/Fixtures/credential-helper.sh"
        try folder.link("bin/docker-credential-\(name)", to: program)
    }

    private var variables: [String: String] { ["PATH": "\(folder.path)/bin:/usr/bin:/bin", "FOLDER": folder.path] }

    private func source(_ json: String, clock: any Clock<Duration> = ContinuousClock()) throws
        -> DockerConfigCredentials
    {
        try DockerConfigCredentials(
            Array(json.utf8),
            helpers: CredentialHelperPrograms(variables: variables, clock: clock, now: { Date() })
        )
    }

    private func look(_ json: String, _ repository: String = "r.example/a") async throws -> RegistryCredential? {
        try await source(json).credential(for: RepositoryName(repository))
    }

    private static let note = #"echo "$1 $(cat)" >> "$FOLDER/asked""#

    private var asked: [String] {
        ((try? String(contentsOfFile: "\(folder.path)/asked", encoding: .utf8)) ?? "")
            .split(separator: "\n").map(String.init)
    }

    @Test("the program is asked for the server, and a token is one")
    func protocols() async throws {
        try install("basic", "\(Self.note)\necho '{\"ServerURL\":\"r.example\",\"Username\":\"u\",\"Secret\":\"p\"}'")
        try install("token", "\(Self.note)\necho '{\"ServerURL\":\"x\",\"Username\":\"<token>\",\"Secret\":\"t\"}'")
        #expect(try await look(#"{"credHelpers":{"r.example":"basic"}}"#) == .basic(username: "u", password: "p"))
        #expect(try await look(#"{"credsStore":"token"}"#, "docker.io/library/nginx") == .identityToken("t"))
        #expect(try await look(#"{"credsStore":"token"}"#, "r.example:5000/a") == .identityToken("t"))
        #expect(asked == ["get r.example", "get https://index.docker.io/v1/", "get r.example:5000"])
    }

    @Test("a program for the registry goes before the store, and an entry with a credential before the store too")
    func order() async throws {
        try install("own", "echo '{\"Username\":\"own\",\"Secret\":\"p\"}'")
        try install("store", "echo '{\"Username\":\"store\",\"Secret\":\"p\"}'")
        let json = """
            {"auths":{"r.example":{"auth":"YTpi"},"s.example":{"auth":"YTpi"},"t.example":{}},"credsStore":"store",\
            "credHelpers":{"r.example":"own"}}
            """
        #expect(try await look(json, "r.example/a") == .basic(username: "own", password: "p"))
        #expect(try await look(json, "s.example/a") == .basic(username: "a", password: "b"))
        #expect(try await look(json, "t.example/a") == .basic(username: "store", password: "p"))
    }

    @Test("what the program does not keep is asked for anonymously")
    func absent() async throws {
        try install("none", "echo 'credentials not found in native keychain'; exit 1")
        try install("empty", "echo '{\"Username\":\"\",\"Secret\":\"\"}'")
        #expect(try await look(#"{"credsStore":"none"}"#) == nil)
        #expect(try await look(#"{"credsStore":"empty"}"#) == nil)
    }

    @Test("many images run the program once")
    func once() async throws {
        try install("basic", "\(Self.note)\necho '{\"Username\":\"u\",\"Secret\":\"p\"}'")
        let source = try source(#"{"credsStore":"basic"}"#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let repository = try RepositoryName("r.example/a\(number)")
                group.addTask { _ = try await source.credential(for: repository) }
            }
            try await group.waitForAll()
        }
        #expect(asked.count == 1)
    }

    @Test(
        "a program that fails, or writes something else, is told about without what it wrote",
        arguments: [
            ("echo 'the keychain is locked'; exit 1", "failed: the keychain is locked"),
            ("echo '{\"Secret\":\"geheim\"}'; exit 3", "failed"), ("echo geheim", "wrote no JSON object"),
            ("echo '{\"Secret\":\"geheim\"}'", "wrote no Username and Secret"),
            ("echo '{\"Username\":\"\",\"Secret\":\"geheim\"}'", "half a credential"),
            ("echo '{\"Username\":\"a\",\"Username\":\"b\",\"Secret\":\"geheim\"}'", "wrote no JSON object"),
            ("exec head -c 200000 /dev/zero", "wrote more than"), ("kill -9 $$", "signal 9"), ("exit 1", "failed"),
        ]
    )
    func failures(_ script: String, _ words: String) async throws {
        try install("bad", script)
        let error = await #expect(throws: RegistryError.self) { try await look(#"{"credsStore":"bad"}"#) }
        #expect(error?.code == .credentialsUnavailable)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("geheim") == false)
        #expect(error?.message.contains("docker-credential-bad") == true)
    }

    @Test(
        "no configuration leads to another program than one on the search path",
        arguments: [
            "../../evil", "/bin/sh", "a/b", "", "-x", ".x", "a b", "a;b", "a..b", "a\\u0000b", "\u{e9}", "missing",
            String(repeating: "a", count: 65),
        ]
    )
    func names(_ name: String) async throws {
        if name != "missing", !name.contains("u0000") {
            // A program stands wherever the name would lead.
            try folder.makeFolder("bin/docker-credential-..")
            try install(name, "\(Self.note)\necho '{\"Username\":\"u\",\"Secret\":\"p\"}'")
        }
        let error = await #expect(throws: RegistryError.self) {
            try await look("{\"credHelpers\":{\"r.example\":\"\(name)\"}}")
        }
        #expect(error?.code == .credentialsUnavailable)
        let words = name == "missing" ? "docker-credential-missing" : "no name of a program"
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(asked.isEmpty)
    }

    @Test("a program that takes too long is ended")
    func slow() async throws {
        try install("slow", "\(Self.note)\nexec sleep 600")
        let clock = ManualClock()
        let source = try source(#"{"credsStore":"slow"}"#, clock: clock)
        let look = Task { try await source.credential(for: RepositoryName("r.example/a")) }
        await clock.waitForSleepers { !$0.isEmpty }
        clock.advance(by: CredentialHelperPrograms.timeout)
        let error = await #expect(throws: RegistryError.self) { try await look.value }
        #expect(error?.message.contains("took longer than") == true)
    }

    @Test("without programs to run, as in the operator, it is said that none is run")
    func none() async throws {
        let source = try DockerConfigCredentials(Array(#"{"credsStore":"desktop"}"#.utf8))
        let error = await #expect(throws: RegistryError.self) {
            try await source.credential(for: RepositoryName("r.example/a"))
        }
        #expect(error?.message.contains("which is not run") == true)
    }
}
