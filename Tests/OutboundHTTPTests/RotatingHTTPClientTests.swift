import EmbeddedRegistry
import OCIModel
import Synchronization
import TestCertificates
import Testing

@testable import OutboundHTTP

@Suite("HTTP client whose certificates change", .timeLimit(.minutes(5)))
struct RotatingHTTPClientTests {
    /// Runs `body` with a TLS server of `authority`, the URL of a blob on it, and a client that trusts `trusted`.
    private func withServer(
        of authority: TestAuthority,
        trusting trusted: TestAuthority,
        fault: RegistryFault.Effect? = nil,
        _ body: (RotatingHTTPClient, OutboundURL) async throws -> Void
    ) async throws {
        var configuration = EmbeddedRegistryConfiguration()
        let identity = try authority.issue(names: [], addresses: [[127, 0, 0, 1]])
        configuration.tls = .init(certificateChainPEM: identity.certificate, privateKeyPEM: identity.key)
        try await EmbeddedRegistry.with(configuration) { server in
            let descriptor = try server.push(blob: Array(repeating: 1, count: 100_000), to: "a/b")
            let url = try OutboundURL("https://\(server.host)/v2/a/b/blobs/\(descriptor.digest)")
            if let fault { server.inject(fault, target: "/blobs/", times: 1) }
            let client = try RotatingHTTPClient(OutboundConfiguration(tls: try trust(in: trusted)))
            do {
                try await body(client, url)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    private func trust(in authority: TestAuthority) throws -> TLSSettings {
        TLSSettings(roots: .only(pem: Array(try authority.pem.utf8)))
    }

    private func size(_ client: RotatingHTTPClient, _ url: OutboundURL) async throws(OutboundError) -> Int {
        try await client.send(OutboundRequest(.get, url), limit: .mebibytes(1)).body.count
    }

    @Test("new settings hold for the next exchange, without another client")
    func renewal() async throws {
        let (authority, other) = (try TestAuthority(), try TestAuthority())
        try await withServer(of: authority, trusting: other) { client, url in
            let error = await #expect(throws: OutboundError.self) { try await size(client, url) }
            #expect(error?.code == .insecure)
            try client.use(trust(in: authority))
            #expect(try await size(client, url) == 100_000)
            #expect(client.generationCount == 1)
            // The connection of the accepted settings is not used for those that would refuse the server.
            try client.use(trust(in: other))
            await #expect(throws: OutboundError.self) { try await size(client, url) }
        }
    }

    @Test("an exchange under way ends undisturbed, and its connections are closed after it")
    func underWay() async throws {
        let authority = try TestAuthority()
        let other = try TestAuthority()
        try await withServer(of: authority, trusting: authority) { client, url in
            let count = try await client.stream(OutboundRequest(.get, url)) { stream in
                var count = 0
                for try await part in stream.body {
                    if count == 0 {
                        try client.use(trust(in: other))
                        #expect(client.generationCount == 2)
                    }
                    count += part.count
                }
                return count
            }
            #expect(count == 100_000)
            #expect(client.generationCount == 1)
        }
    }

    @Test("settings in use already change nothing")
    func same() async throws {
        let authority = try TestAuthority()
        try await withServer(of: authority, trusting: authority) { client, url in
            try client.use(trust(in: authority))
            #expect(client.generationCount == 1)
            #expect(try await size(client, url) == 100_000)
        }
    }

    @Test("settings that cannot be used are refused, and the earlier ones stay")
    func unusable() async throws {
        let authority = try TestAuthority()
        let (certificate, key) = (try authority.issue(names: ["a"]), try authority.issue(names: ["b"]))
        try await withServer(of: authority, trusting: authority) { client, url in
            var mismatched = try trust(in: authority)
            mismatched.identity = .init(
                certificateChainPEM: Array(certificate.certificate.utf8),
                privateKeyPEM: Array(key.key.utf8)
            )
            for tls in [mismatched, TLSSettings(roots: .only(pem: Array("nonsense".utf8)))] {
                let error = #expect(throws: OutboundError.self) { try client.use(tls) }
                #expect(error?.code == .invalidConfiguration)
            }
            #expect(try await size(client, url) == 100_000)
        }
    }

    @Test("after its shutdown it sends nothing and takes no settings")
    func shutdown() async throws {
        let client = try RotatingHTTPClient(OutboundConfiguration())
        await client.shutdown()
        await client.shutdown()
        try client.use(TLSSettings(withoutVerificationUnsafe: true))
        let url = try OutboundURL("https://localhost:1/")
        let error = await #expect(throws: OutboundError.self) { try await size(client, url) }
        #expect(error?.code == .shutDown)
        #expect(client.generationCount == 0)
    }
}
