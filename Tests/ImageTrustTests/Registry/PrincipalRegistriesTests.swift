import FoundationEssentials
import ImageTrust
import OCIModel
import OCIRegistry
import Synchronization
import Testing
import TrustModel

@Suite("Registries of principals")
struct PrincipalRegistriesTests {
    /// A registry for each user; those who are not in it find nothing but refusals.
    private struct Users: CredentialedRegistries {
        var registries: [String: ScriptedRegistry]

        func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
            guard case .basic(let user, _) = credential, let registry = registries[user] else {
                return ScriptedRegistry()
            }
            return registry
        }
    }

    private static func keyring(_ users: String..., host: String = ScriptedRegistry.host) throws -> RegistryKeyring {
        var keyring = RegistryKeyring()
        for user in users {
            let text = #"{"\#(host)":{"username":"\#(user)","password":"p"}}"#
            keyring.add(try RegistryKeyring(Array(text.utf8), format: .legacy))
        }
        return keyring
    }

    /// A registry that refuses `digest` with `code`, whatever is asked of it.
    private static func refusing(_ scene: TrustScene, _ code: RegistryError.Code) -> ScriptedRegistry {
        let registry = ScriptedRegistry()
        for call in [
            ScriptedRegistry.Call.resolve(scene.pinned.description), .manifest(scene.image.digest),
            .referrers(scene.image.digest),
        ] {
            registry.fail(call, code)
        }
        return registry
    }

    private static func access(
        _ scene: TrustScene,
        _ users: [String: ScriptedRegistry],
        shared: ScriptedRegistry,
        keyring: RegistryKeyring
    ) throws -> ImageAccess {
        try #require(
            PrincipalRegistries(shared: shared, credentialed: Users(registries: users))
                .access(to: [scene.repository], with: keyring, now: TrustScene.now)
        )
    }

    @Test("credentials are tried in their order, then the operator's; what let one in is asked first from then on")
    func order() async throws {
        let scene = try TrustScene()
        let (first, second) = (Self.refusing(scene, .unauthorized), Self.refusing(scene, .forbidden))
        let access = try Self.access(
            scene,
            ["a": first, "b": second],
            shared: scene.registry,
            keyring: Self.keyring("a", "b")
        )
        _ = try await access.registry.manifest(scene.repository, scene.image.digest)
        #expect(first.calls.count == 1 && second.calls.count == 1 && scene.registry.calls.count == 1)
        _ = try await access.registry.referrers(scene.repository, to: scene.image.digest, artifactType: nil)
        #expect(first.calls.count == 1 && second.calls.count == 1 && scene.registry.calls.count == 2)
    }

    @Test(
        "what is not about credentials is not tried again with others",
        arguments: [
            RegistryError.Code.unreachable, .throttled, .serverError, .timedOut, .malformed, .digestMismatch,
            .cancelled,
        ]
    )
    func outage(code: RegistryError.Code) async throws {
        let scene = try TrustScene()
        let first = Self.refusing(scene, code)
        let access = try Self.access(scene, ["a": first], shared: scene.registry, keyring: Self.keyring("a"))
        await #expect {
            try await access.registry.manifest(scene.repository, scene.image.digest)
        } throws: { ($0 as? RegistryError)?.code == code }
        #expect(scene.registry.calls.isEmpty)
    }

    @Test("a refusal outweighs what is not found elsewhere, and says how many ways were tried")
    func refusals() async throws {
        let scene = try TrustScene()
        let access = try Self.access(
            scene,
            ["a": Self.refusing(scene, .notFound), "b": Self.refusing(scene, .forbidden)],
            shared: Self.refusing(scene, .notFound),
            keyring: Self.keyring("a", "b")
        )
        await #expect {
            try await access.registry.manifest(scene.repository, scene.image.digest)
        } throws: { error in
            (error as? RegistryError)?.code == .forbidden && "\(error)".contains("3 ways to ask were tried")
        }
    }

    @Test("an empty list of those who may not read is not believed")
    func emptyListing() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        // It hides what it holds: the manifest is not found, and nothing refers to it.
        let stranger = ScriptedRegistry()
        let access = try Self.access(scene, ["a": stranger], shared: scene.registry, keyring: Self.keyring("a"))
        let found = try await access.registry.referrers(scene.repository, to: scene.image.digest, artifactType: nil)
        #expect(found.count == 1)
    }

    /// One registry for everybody, until another takes its place.
    private final class Turning: CredentialedRegistries {
        private let current: Mutex<ScriptedRegistry>

        init(_ registry: ScriptedRegistry) { current = Mutex(registry) }

        func turn(to registry: ScriptedRegistry) { current.withLock { $0 = registry } }
        func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
            current.withLock(\.self)
        }
    }

    @Test(
        "when a credential that was let in is refused, what strangers are told is not believed; let in again it counts"
    )
    func refusedLater() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let users = Turning(scene.registry)
        // To strangers it says that there is nothing.
        let registries = PrincipalRegistries(shared: ScriptedRegistry(), credentialed: users)
        let access = try #require(
            registries.access(to: [scene.repository], with: Self.keyring("alice"), now: TrustScene.now)
        )
        func list() async throws -> Int {
            try await access.registry.referrers(scene.repository, to: scene.image.digest, artifactType: nil).count
        }
        #expect(try await list() == 1)
        users.turn(to: Self.refusing(scene, .unauthorized))
        await #expect { try await list() } throws: { ($0 as? RegistryError)?.code == .unauthorized }
        users.turn(to: scene.registry)
        #expect(try await list() == 1)
    }

    @Test("without a credential for the repository there is nothing to keep from others")
    func none() throws {
        let scene = try TrustScene()
        let registries = PrincipalRegistries(shared: scene.registry, credentialed: Users(registries: [:]))
        for keyring in [RegistryKeyring(), try Self.keyring("a", host: "other.example.com")] {
            #expect(registries.access(to: [scene.repository], with: keyring, now: TrustScene.now)?.principal == nil)
        }
    }

    @Test("what one principal has read is not in another's cache, and is in its own")
    func caches() async throws {
        let scene = try TrustScene()
        let registries = PrincipalRegistries(
            shared: Self.refusing(scene, .unauthorized),
            credentialed: Users(registries: ["alice": scene.registry, "mallory": Self.refusing(scene, .unauthorized)])
        )
        func read(_ user: String) async throws {
            let access = try #require(
                registries.access(to: [scene.repository], with: Self.keyring(user), now: TrustScene.now)
            )
            _ = try await access.registry.manifest(scene.repository, scene.image.digest)
        }
        try await read("alice")
        try await read("alice")
        #expect(scene.registry.calls.count == 1)
        await #expect(throws: RegistryError.self) { try await read("mallory") }
    }

    @Test("a judgement that one principal was given is not given to another")
    func judgements() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let stranger = Self.refusing(scene, .unauthorized)
        let registries = PrincipalRegistries(
            shared: stranger,
            credentialed: Users(registries: ["alice": scene.registry, "mallory": stranger])
        )
        let shared = SharedJudgements(judge: ImageJudge(registry: stranger, memory: FindingMemory()))
        let policies = [try scene.policy()]
        func verdict(_ user: String?) async throws -> Reason {
            let access = try user.map {
                try #require(registries.access(to: [scene.repository], with: Self.keyring($0), now: TrustScene.now))
            }
            let age = JudgementAge(any: .seconds(60))
            return await shared.judgement(of: [scene.pinned], policies: policies, reading: access, within: age) {
                TrustScene.now
            }
            .judgement.reason
        }
        #expect(try await verdict("alice") == .verified)
        #expect(try await verdict("mallory") == .registryUnauthorized)
        #expect(try await verdict(nil) == .registryUnauthorized)
        let calls = scene.registry.calls.count
        #expect(try await verdict("alice") == .verified)
        #expect(scene.registry.calls.count == calls)
    }

    @Test("principals are told apart by everything that is sent, and show none of it")
    func principals() throws {
        let repository = try RepositoryName("r.example/a")
        let sets: [[RegistryCredential]] = [
            [.basic(username: "a", password: "bc")], [.basic(username: "ab", password: "c")],
            [.identityToken("a")], [.accessToken("a")], [.accessToken("a"), .accessToken("b")],
            [.accessToken("b"), .accessToken("a")], [.accessToken("ab")],
        ]
        let principals = sets.map { RegistryPrincipal([repository: $0]) }
        #expect(Set(principals).count == sets.count)
        #expect(RegistryPrincipal([repository: sets[0]]) == principals[0])
        #expect(RegistryPrincipal([try RepositoryName("r.example/b"): sets[0]]) != principals[0])
        #expect(RegistryPrincipal([:]) == .shared && RegistryPrincipal([repository: []]) == .shared)
        var dumped = ""
        dump(principals[0], to: &dumped)
        #expect(!dumped.contains("sha256") && !"\(principals[0])".contains("sha256"))
    }

    @Test("credentials that nobody uses are forgotten, and their number is bounded")
    func bounds() throws {
        let scene = try TrustScene()
        let registries = PrincipalRegistries(
            shared: scene.registry,
            credentialed: Users(registries: [:]),
            capacity: 4
        )
        func use(_ user: String, after seconds: Double) throws {
            let now = TrustScene.now.addingTimeInterval(seconds)
            _ = registries.access(to: [scene.repository], with: try Self.keyring(user), now: now)
        }
        for number in 0..<40 {
            try use("user-\(number)", after: Double(number))
            #expect(registries.count <= 4)
        }
        try use("later", after: 1000)
        #expect(registries.count == 1)
    }
}
