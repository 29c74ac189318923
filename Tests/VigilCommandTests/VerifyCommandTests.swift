import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import SigningTestKit
import Synchronization
import Testing

@testable import VigilCommand

@Suite("vigil verify")
struct VerifyCommandTests {
    /// A registry with a signed, an unsigned, a foreign-signed and an altered image, and a policy that trusts the signer.
    private func surroundings(
        _ folder: TemporaryFolder,
        policy: String? = nil,
        silent: Set<String> = [],
        down: Set<String> = []
    ) throws -> CommandRun.Surroundings {
        let chain = try TestChain.make()
        let registry = ImagesInMemory(silentHosts: silent, unreachableHosts: down)
        try registry.push("r.example/shop/web:v1", signedBy: [chain])
        try registry.push("r.example/shop/api:v1", signedBy: [chain])
        try registry.push("r.example/shop/plain:v1")
        try registry.push("r.example/shop/foreign:v1", signedBy: [try TestChain.make(number: 1)])
        try registry.push("r.example/shop/altered:v1", signedBy: [chain], alteringSignature: true)
        try folder.write("policy.yaml", policy ?? PolicyText.trusting(chain))
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        return surroundings
    }

    private func run(
        _ images: [String],
        _ arguments: [String] = [],
        folder: TemporaryFolder,
        in surroundings: CommandRun.Surroundings
    ) async -> CommandRun {
        await CommandRun(
            ["verify"] + images + ["--policy", "\(folder.path)/policy.yaml"] + arguments,
            in: surroundings
        )
    }

    @Test("a signed image is trusted: status 0, the digest shown, one warning about its tag")
    func trusted() async throws {
        let folder = try TemporaryFolder()
        let run = await run(["r.example/shop/web:v1"], folder: folder, in: try surroundings(folder))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("r.example/shop/web:v1  sha256:"))
        #expect(run.output.contains("  Trusted  Verified  "))
        #expect(run.output.hasSuffix("\n1 image: 1 trusted\n"))
        #expect(
            run.errors
                == "vigil: warning: r.example/shop/web:v1 is named by a tag, which can be moved to another image at any time; deploy the digest that is shown\n"
        )
    }

    @Test("an image named by its digest is judged without a warning")
    func byDigest() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder)
        let digest = try surroundings.registry.push("r.example/shop/web:v1", signedBy: [try TestChain.make()]).digest
        let run = await run(["r.example/shop/web@\(digest)"], folder: folder, in: surroundings)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
    }

    @Test(
        "an image that is not trusted has status 1 and the reason why",
        arguments: [
            ("plain", "NoSignature", "Unknown"), ("foreign", "NoTrustedSignature", "Unknown"),
            ("altered", "EvidenceMalformed", "Untrusted"), ("gone", "ImageNotFound", "Unknown"),
        ]
    )
    func notTrusted(name: String, reason: String, verdict: String) async throws {
        let folder = try TemporaryFolder()
        let run = await run(
            ["r.example/shop/\(name):v1", "r.example/shop/web:v1"],
            folder: folder,
            in: try surroundings(folder)
        )
        #expect(run.status == 1)
        #expect(run.output.contains("  \(verdict)  ") || run.output.contains("  \(verdict)    "))
        #expect(run.output.contains("  \(reason) "), "\(run.output)")
    }

    @Test("an outage has status 3, unless an image is worse")
    func outage() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder, down: ["down.example"])
        let alone = await run(["down.example/x:v1", "r.example/shop/web:v1"], folder: folder, in: surroundings)
        #expect(alone.status == 3)
        #expect(alone.output.contains("RegistryUnreachable"))
        let worse = await run(["down.example/x:v1", "r.example/shop/plain:v1"], folder: folder, in: surroundings)
        #expect(worse.status == 1)
    }

    @Test("an image that takes longer than --timeout is an outage, with a sentence that says so")
    func timeout() async throws {
        let folder = try TemporaryFolder()
        var surroundings = try surroundings(folder, silent: ["slow.example"])
        surroundings.clock = InstantClock()
        let run = await run(["slow.example/x:v1"], ["--timeout", "1500ms"], folder: folder, in: surroundings)
        #expect(run.status == 3)
        #expect(run.output.contains("slow.example did not give all answers within 1.5s"))
    }

    @Test("a run that is cancelled ends at once, with no report")
    func cancellation() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder, silent: ["slow.example"])
        let run = await withTaskGroup(of: CommandRun.self) { group in
            let path = folder.path
            group.addTask {
                await CommandRun(["verify", "slow.example/x:v1", "--policy", "\(path)/policy.yaml"], in: surroundings)
            }
            group.cancelAll()
            return await group.next()
        }
        #expect(run?.status == 130)
        #expect(run?.output == "")
    }

    @Test("an image that no policy speaks for is not trusted, and its registry is not asked")
    func uncovered() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(
            folder,
            policy: PolicyText.trusting(try TestChain.make(), include: "r.example/*")
        )
        let run = await run(["other.example/x:v1"], folder: folder, in: surroundings)
        #expect(run.status == 1)
        #expect(run.output.contains("NoPolicy"))
        #expect(run.output.contains("no policy speaks for images of other.example/x"))
        #expect(surroundings.registry.asked.isEmpty)
    }

    @Test("an image that its policy skips is said to be skipped, and is no failure")
    func skipped() async throws {
        let folder = try TemporaryFolder()
        let policy = """
            apiVersion: vigil.dev/v1alpha1
            kind: TrustPolicy
            metadata: {name: none}
            spec: {images: {include: ["r.example/*"]}, authorities: [{name: a, notary: {level: skip}}]}
            """
        let run = await run(["r.example/shop/plain:v1"], folder: folder, in: try surroundings(folder, policy: policy))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Skipped  SkippedByPolicy"))
        #expect(!run.output.contains("Trusted"))
    }

    @Test("every image of manifests is judged once, however often it is used, and says where")
    func manifests() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder)
        try folder.write(
            "m/a.yaml",
            PolicyText.pod("r.example/shop/web:v1") + "---\n" + PolicyText.pod("r.example/shop/web:v1", name: "two")
        )
        try folder.write("m/b.yaml", PolicyText.pod("r.example/shop/plain:v1", namespace: "shop"))
        let run = await CommandRun(
            ["verify", "-f", "\(folder.path)/m", "--policy", "\(folder.path)/policy.yaml", "-o", "json"],
            in: surroundings
        )
        #expect(run.status == 1, "\(run.errors)")
        let value = try JSONParser().parse(run.output.utf8)
        #expect(value["images"]?.array?.map { $0["image"] } == ["r.example/shop/web:v1", "r.example/shop/plain:v1"])
        #expect(value["images"]?.array?.first?["sources"]?.array?.map { $0["name"] } == ["web", "two"])
        #expect(surroundings.registry.asked.sorted() == ["r.example/shop/plain:v1", "r.example/shop/web:v1"])
    }

    @Test("the same image under other policies in another namespace is judged apart")
    func namespaces() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder)
        try folder.write("policy.yaml", PolicyText.trusting(try TestChain.make(), namespace: "shop"))
        try folder.write(
            "m.yaml",
            PolicyText.pod("r.example/shop/web:v1", namespace: "shop") + "---\n"
                + PolicyText.pod("r.example/shop/web:v1", namespace: "other")
        )
        let run = await run([], ["-f", "\(folder.path)/m.yaml", "-o", "json"], folder: folder, in: surroundings)
        #expect(run.status == 1)
        let reasons = try JSONParser().parse(run.output.utf8)["images"]?.array?.map { $0["reason"] }
        #expect(reasons == ["Verified", "NoPolicy"])
    }

    @Test("a reference in a manifest that cannot be read is judged as such")
    func unreadableReference() async throws {
        let folder = try TemporaryFolder()
        var surroundings = try surroundings(folder)
        surroundings.input = PolicyText.pod("$(IMAGE)")
        let run = await run([], ["-f", "-"], folder: folder, in: surroundings)
        #expect(run.status == 1)
        #expect(run.output.contains("Unknown  ReferenceInvalid"))
        #expect(run.output.contains("used by Pod web, container main, in standard input"))
    }

    @Test("with a notation folder the verdict is that of its statement; without options the customary folder counts")
    func notation() async throws {
        let folder = try TemporaryFolder()
        var surroundings = try surroundings(folder)
        try folder.write("config/notation/truststore/x509/ca/main/root.pem", try TestChain.make().root.pem)
        try folder.write(
            "config/notation/trustpolicy.json",
            #"{"version": "1.0", "trustPolicies": [{"name": "web", "registryScopes": ["r.example/shop/web"], "signatureVerification": {"level": "strict"}, "trustStores": ["ca:main"], "trustedIdentities": ["*"]}]}"#
        )
        let named = await CommandRun(
            ["verify", "r.example/shop/web:v1", "--notation-config", "\(folder.path)/config/notation"],
            in: surroundings
        )
        #expect(named.status == 0, "\(named.errors)")
        surroundings.variables = ["XDG_CONFIG_HOME": "\(folder.path)/config"]
        #expect(await CommandRun(["verify", "r.example/shop/web:v1"], in: surroundings).status == 0)
        #expect(await CommandRun(["verify", "r.example/shop/plain:v1"], in: surroundings).output.contains("NoPolicy"))
        surroundings.variables = ["HOME": folder.path]
        let none = await CommandRun(["verify", "r.example/shop/web:v1"], in: surroundings)
        #expect(none.status == 2)
        #expect(none.errors.hasPrefix("vigil: there are no policies: name them with --policy or --notation-config"))
    }

    @Test("progress is drawn on a terminal and taken away again; a pipe gets none, nor does --quiet")
    func progress() async throws {
        let folder = try TemporaryFolder()
        var surroundings = try surroundings(folder)
        let images = ["r.example/shop/web:v1", "r.example/shop/api:v1"]
        #expect(await !run(images, folder: folder, in: surroundings).errors.contains("\r"))
        surroundings.profile = TerminalProfile(isInteractive: true, allowsColour: false, columns: 100)
        let watched = await run(images, folder: folder, in: surroundings)
        #expect(watched.errors.contains("\rvigil: 2 of 2 images checked"))
        #expect(watched.errors.hasSuffix("\r\u{1B}[K"))
        #expect(!watched.output.contains("\r"))
        #expect(await run(images, ["--quiet"], folder: folder, in: surroundings).errors.isEmpty)
    }

    @Test(
        "mistakes in the command line have status 2 and say what to write",
        arguments: [
            ([], "there is nothing to judge"),
            (["x", "--policy", "p", "--notation-config", "n"], "exclude each other"),
            (["x", "-u", "me"], "belong together"), (["x", "--password-stdin"], "belong together"),
            (["-f", "-", "-u", "me", "--password-stdin"], "both read standard input"),
            (["x", "-v", "-q"], "exclude each other"),
            (["x", "--concurrency", "0"], "--concurrency 0 is out of bounds"),
            (["x", "--concurrency", "65"], "out of bounds"),
            (["x", "--concurrency", "many"], "many"), (["x", "--timeout", "0s"], "--timeout"),
            (["x", "--timeout", "5"], "--timeout"),
            (["x", "--platform", "linux"], "--platform"),
            (["x", "--plain-http-registry", "http://r"], "is no registry"),
            (["x", "-o", "xml"], "xml"), (["x", "--bogus"], "--bogus"),
            (["x", "--policy", "/nonexistent"], "/nonexistent: there is no such file"),
            (["-f", "/nonexistent"], "/nonexistent: there is no such file"),
            (["x", "--notation-config", "/nonexistent"], "/nonexistent"),
        ] as [([String], String)]
    )
    func usage(arguments: [String], expected: String) async {
        let run = await CommandRun(["verify"] + arguments, in: CommandRun.Surroundings())
        #expect(run.status == 2)
        #expect(run.errors.hasPrefix("vigil: "))
        #expect(run.errors.contains(expected), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test("inputs that cannot be used have status 2, and nothing is judged")
    func unusableInputs() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder)
        try folder.write("broken.yaml", "a: [\n")
        try folder.write("none.yaml", "kind: Service\napiVersion: v1\n")
        for (arguments, expected) in [
            (["-f", "\(folder.path)/broken.yaml"], "broken.yaml:2: is no valid YAML"),
            (["-f", "\(folder.path)/none.yaml"], "there are no images in these manifests"),
            (["UPPER/x"], "is no repository name"), (["https://r.example/x"], "is a URL"),
        ] {
            let run = await run([], arguments, folder: folder, in: surroundings)
            #expect(run.status == 2)
            #expect(run.errors.contains(expected), "\(run.errors)")
        }
        #expect(surroundings.registry.asked.isEmpty)
    }

    @Test("a user name is for one registry: with images of two it is refused before the password is sent anywhere")
    func credentials() async throws {
        let folder = try TemporaryFolder()
        var surroundings = try surroundings(folder)
        surroundings.input = "secret\n"
        let two = await run(
            ["r.example/shop/web:v1", "other.example/x"],
            ["-u", "me", "--password-stdin"],
            folder: folder,
            in: surroundings
        )
        #expect(two.status == 2)
        #expect(two.errors.contains("--username is for one registry, and other.example, r.example are asked"))
        let one = await run(
            ["r.example/shop/web:v1"],
            ["-u", "me", "--password-stdin"],
            folder: folder,
            in: surroundings
        )
        #expect(one.status == 0)
        surroundings.input = "\n"
        let empty = await run(
            ["r.example/shop/web:v1"],
            ["-u", "me", "--password-stdin"],
            folder: folder,
            in: surroundings
        )
        #expect(empty.errors.contains("standard input holds no password"))
    }

    @Test("a broken Docker configuration is refused with its path, never its content")
    func dockerConfiguration() async throws {
        let folder = try TemporaryFolder()
        var surroundings = try surroundings(folder)
        try folder.write("docker/config.json", #"{"auths": {"r.example": {"auth": "hunter2"}}}"#)
        surroundings.variables = ["DOCKER_CONFIG": "\(folder.path)/docker"]
        let run = await run(["r.example/shop/web:v1"], folder: folder, in: surroundings)
        #expect(run.status == 2)
        #expect(run.errors.contains("\(folder.path)/docker/config.json: "))
        #expect(!run.errors.contains("hunter2"))
    }

    private func options(
        _ images: [String],
        _ arguments: [String] = [],
        input: String = "",
        variables: [String: String] = [:]
    ) async throws -> RegistryOptions {
        let folder = try TemporaryFolder()
        try folder.write("ca.pem", "authorities")
        var surroundings = try surroundings(folder)
        (surroundings.input, surroundings.variables) = (input, variables)
        let run = await run(
            images,
            arguments.map { $0.replacing("DIR", with: folder.path) },
            folder: folder,
            in: surroundings
        )
        return try #require(surroundings.options.last.withLock { $0 }, "\(run.errors)")
    }

    @Test("registries are asked as a configuration says, and what the command line says goes before")
    func configuration() async throws {
        let folder = try TemporaryFolder()
        try folder.write("own.pem", "own")
        try folder.write("ca.pem", "authorities")
        try folder.write("credentials.json", #"{"auths": {"r.example": {"auth": "bWU6ZmlsZQ=="}}}"#)
        try folder.write(
            "config.yaml",
            """
            endpoints: {tlsCertificateFile: /absent, tlsKeyFile: /absent}
            registry:
              plainHTTP: [r.example]
              caFile: \(folder.path)/own.pem
              credentialsFile: \(folder.path)/credentials.json
              hosts: [{host: other.example, proxy: "http://proxy.example"}, {host: plain.example, plainHTTP: true}]
            """
        )
        func options(_ arguments: String..., input: String = "") async throws -> RegistryOptions {
            var surroundings = try surroundings(folder)
            surroundings.input = input
            let all = ["--config", "\(folder.path)/config.yaml"] + arguments
            let run = await run(["r.example/shop/web:v1"], all, folder: folder, in: surroundings)
            return try #require(surroundings.options.last.withLock { $0 }, "\(run.errors)")
        }
        let told = try await options("--plain-http-registry", "more.example")
        #expect(told.plainHTTPHosts == ["r.example", "plain.example", "more.example"])
        #expect(told.authoritiesPEM == Array("own".utf8))
        #expect(told.connections.map(\.registry) == ["other.example"])
        let repository = try RepositoryName("r.example/x")
        #expect(told.keyring.credentials(for: repository) == [.basic(username: "me", password: "file")])
        #expect(try await told.credentials.credential(for: repository) == nil)
        let other = try await options(
            "--ca-file",
            "\(folder.path)/ca.pem",
            "-u",
            "you",
            "--password-stdin",
            input: "pw"
        )
        #expect(other.authoritiesPEM == Array("authorities".utf8))
        #expect(
            try await other.credentials.credential(for: repository) == .basic(username: "you", password: "pw")
        )
        #expect(other.keyring.isEmpty)
    }

    @Test("a configuration that cannot be used ends the run, and says where it is wrong")
    func badConfiguration() async throws {
        let folder = try TemporaryFolder()
        for (text, words) in [
            ("registry: {hots: []}", "registry.hots: is no setting"),
            ("registry: {hosts: [{host: r.example, ca: /absent}]}", "/absent: there is no such file"),
            ("registry: {caFile: /absent}", "/absent: there is no such file"),
        ] {
            let path = try folder.write("config.yaml", text)
            let run = await run(
                ["r.example/shop/web:v1"],
                ["--config", path],
                folder: folder,
                in: try surroundings(folder)
            )
            #expect(run.status == 2 && run.errors.contains(words) && run.errors.contains(path), "\(run.errors)")
        }
    }

    @Test("an image at a mirror is known by the name of its origin, and asked for where the mirrors say")
    func mirrors() async throws {
        let folder = try TemporaryFolder()
        let surroundings = try surroundings(folder, down: ["m.example"])
        for (evidence, status) in [("origin", Int32(0)), ("mirror", 3), ("both", 0)] {
            let path = try folder.write(
                "config.yaml",
                "registry: {mirrors: [{from: r.example/shop, to: m.example/copies, evidence: \(evidence)}]}"
            )
            let run = await run(
                ["m.example/copies/web:v1"],
                ["--config", path],
                folder: folder,
                in: surroundings
            )
            #expect(run.status == status, "\(evidence): \(run.output)\(run.errors)")
            #expect(run.output.contains("r.example/shop/web:v1  "), "\(run.output)")
            let list = await CommandRun("list", "m.example/copies/web:v1", "--config", path, in: surroundings)
            #expect(list.status == status, "\(list.output)\(list.errors)")
            let explained = await CommandRun(
                "explain",
                "m.example/copies/web:v1",
                "--policy",
                "\(folder.path)/policy.yaml",
                "--config",
                path,
                in: surroundings
            )
            #expect(explained.status == status, "\(explained.output)\(explained.errors)")
            #expect(explained.output.hasPrefix("r.example/shop/web:v1\n"), "\(explained.output)")
        }
    }

    @Test("localhost is asked over plain HTTP unless authorities are given, other registries only when told")
    func plainHTTP() async throws {
        let images = ["localhost:5000/x", "localhost/y", "localhost.example/z", "r.example/x"]
        #expect(try await options(images).plainHTTPHosts == ["localhost:5000", "localhost"])
        #expect(try await options(images).usesPlainHTTPEverywhere == false)
        let trusting = try await options(images, ["--ca-file", "DIR/ca.pem"])
        #expect(trusting.plainHTTPHosts.isEmpty)
        #expect(trusting.authoritiesPEM == Array("authorities".utf8))
        #expect(try await options(images, ["--plain-http-registry", "r.example"]).plainHTTPHosts.contains("r.example"))
        #expect(try await options(images, ["--plain-http"]).usesPlainHTTPEverywhere)
    }

    @Test("time limit, proxies and the user name reach the registries; the password is for its registry alone")
    func registryOptions() async throws {
        let options = try await options(
            ["r.example/x"],
            ["--timeout", "7s", "-u", "me", "--password-stdin"],
            input: "se cret\r\n",
            variables: ["HTTPS_PROXY": "http://proxy.example:3128"]
        )
        #expect(options.timeout == .seconds(7))
        #expect(options.proxies.https != nil)
        let own = try await options.credentials.credential(for: try RepositoryName("r.example/any"))
        #expect(own == .basic(username: "me", password: "se cret"))
        #expect(try await options.credentials.credential(for: try RepositoryName("other.example/x")) == nil)
    }

    @Test("the user is that of the registry that is asked: of the mirror where that alone is, of none where both are")
    func userOfMirror() async throws {
        let folder = try TemporaryFolder()
        func attempt(_ evidence: String) async throws -> (run: CommandRun, options: RegistryOptions?) {
            let mirror = "{from: r.example, to: mirror.example/r, evidence: \(evidence)}"
            let path = try folder.write("config.yaml", "registry: {mirrors: [\(mirror)]}")
            var surroundings = try surroundings(folder)
            surroundings.input = "secret"
            let arguments = ["--config", path, "-u", "me", "--password-stdin"]
            let run = await run(["r.example/x"], arguments, folder: folder, in: surroundings)
            return (run, surroundings.options.last.withLock { $0 })
        }
        let (origin, copy) = (try RepositoryName("r.example/x"), try RepositoryName("mirror.example/r/x"))
        for (evidence, known, unknown) in [("mirror", copy, origin), ("origin", origin, copy)] {
            let credentials = try #require(try await attempt(evidence).options).credentials
            #expect(try await credentials.credential(for: known) == .basic(username: "me", password: "secret"))
            #expect(try await credentials.credential(for: unknown) == nil)
        }
        let both = try await attempt("both")
        #expect(both.run.status == 2)
        #expect(both.run.errors.contains("mirror.example, r.example are asked"))
    }
}
