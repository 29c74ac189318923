import ImageTrust
import OCIModel
import OCIRegistry
import Synchronization
import TestTiming
import Testing

@testable import VigilCommand

/// Options of registries that change while registries are asked.
@Suite("Registries whose options change") struct LiveRegistriesTests {
    /// Opens a registry for each set of options, which says which it is; `held` ones answer when they are let.
    private final class Opener: RegistryOpener {
        let opened = Mutex<[Set<String>]>([])
        let closed = Mutex<[Set<String>]>([])
        let gate = Latch()
        let asked = Latch()
        var closings: [Set<String>] { closed.withLock(\.self) }

        func open(_ options: RegistryOptions) throws(InputError) -> OpenRegistries {
            let hosts = options.plainHTTPHosts
            guard hosts != ["broken"] else { throw InputError("broken options") }
            opened.withLock { $0.append(hosts) }
            let registry = Named(hosts: hosts, opener: self)
            return OpenRegistries(
                services: ImageServices(registry: registry, credentialed: Credentials(registry: registry)),
                close: { self.closed.withLock { $0.append(hosts) } }
            )
        }
    }

    private struct Credentials: CredentialedRegistries {
        let registry: Named

        func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
            Named(hosts: registry.hosts.union([host]), opener: registry.opener)
        }
    }

    /// Answers everything by an error that names its options.
    private struct Named: ImageRegistry {
        let hosts: Set<String>
        let opener: Opener

        func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
            if reference.repository.path == "held" {
                opener.asked.open()
                await opener.gate.wait()
            }
            throw error
        }

        func manifest(_: RepositoryName, _: Digest) async throws(RegistryError) -> FetchedManifest { throw error }
        func blob(_: RepositoryName, _: Descriptor, limit: Int) async throws(RegistryError) -> [UInt8] { throw error }
        func referrers(
            _: RepositoryName,
            to subject: Digest,
            artifactType: MediaType?
        ) async throws(RegistryError) -> [Descriptor] { throw error }
        func target(
            _: RepositoryName,
            of tag: String,
            within age: Duration
        ) async throws(RegistryError) -> Digest { throw error }

        private var error: RegistryError {
            RegistryError(.notFound, hosts.sorted().joined(separator: ","), host: "r", repository: "a")
        }
    }

    private func answer(_ registry: any ImageRegistry, _ reference: String = "r.example/a:v1") async -> String {
        do {
            _ = try await registry.resolve(ImageReference(reference))
            return "found"
        } catch {
            return (error as? RegistryError)?.message ?? "\(error)"
        }
    }

    private static func options(_ host: String) -> RegistryOptions { RegistryOptions(plainHTTPHosts: [host]) }

    @Test("the next request is made with the new options, with credentials too, and what was opened before is closed")
    func change() async throws {
        let opener = Opener()
        try await LiveRegistries.with(opener, Self.options("one")) { registries in
            let services = registries.services
            let credentialed = try #require(services.credentialed?.registry(at: "x", with: .accessToken("t")))
            #expect(await answer(services.registry) == "one")
            #expect(await answer(credentialed) == "one,x")
            try registries.change(to: Self.options("two"))
            #expect(await answer(services.registry) == "two")
            #expect(await answer(credentialed) == "two,x")
            await registries.sweep()
            #expect(opener.closings == [["one"]])
            await registries.sweep()
            #expect(opener.closings.count == 1)
        }
        #expect(opener.closings == [["one"], ["two"]])
    }

    @Test("options that cannot be used change nothing")
    func broken() async throws {
        let opener = Opener()
        try await LiveRegistries.with(opener, Self.options("one")) { registries in
            #expect(throws: InputError("broken options")) { try registries.change(to: Self.options("broken")) }
            #expect(await answer(registries.services.registry) == "one")
            await registries.sweep()
            #expect(opener.closings.isEmpty)
        }
        #expect(opener.closings == [["one"]])
    }

    @Test(
        "a request that is under way ends with the options it began with, which are not closed before",
        .timeLimit(.minutes(1))
    )
    func underWay() async throws {
        let opener = Opener()
        try await LiveRegistries.with(opener, Self.options("one")) { registries in
            async let held = answer(registries.services.registry, "r.example/held:v1")
            await opener.asked.wait()
            try registries.change(to: Self.options("two"))
            await registries.sweep()
            #expect(opener.closings.isEmpty)
            opener.gate.open()
            #expect(await held == "one")
            await registries.sweep()
            #expect(opener.closings == [["one"]])
        }
    }

    @Test("when everything is closed, a request is an outage")
    func closed() async throws {
        let services = try await LiveRegistries.with(Opener(), Self.options("one")) { $0.services }
        do {
            _ = try await services.registry.resolve(ImageReference("r.example/a:v1"))
            Issue.record("answered")
        } catch let error as RegistryError {
            #expect(error.code == .unreachable)
        }
    }
}
