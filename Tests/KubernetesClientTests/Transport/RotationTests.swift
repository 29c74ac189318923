import EmbeddedRegistry
import FoundationEssentials
import KubernetesAPI
import OutboundHTTP
import Synchronization
import TestCertificates
import Testing

@testable import KubernetesClient

/// Real TLS on the loopback interface; the clock is moved by hand.
@Suite("Renewed credentials and certificates", .timeLimit(.minutes(5)))
struct RotationTests {
    private let folder: TemporaryFolder
    private let clock = HandClock()

    init() throws { folder = try TemporaryFolder() }

    /// Runs `body` with a TLS server whose certificate `authority` issued, and how it is reached.
    private func withServer(
        of authority: TestAuthority,
        clients: TestAuthority? = nil,
        _ body: (EmbeddedRegistry, ClusterConfiguration) async throws -> Void
    ) async throws {
        var configuration = EmbeddedRegistryConfiguration()
        let identity = try authority.issue(names: [], addresses: [[127, 0, 0, 1]])
        configuration.tls = .init(
            certificateChainPEM: identity.certificate,
            privateKeyPEM: identity.key,
            clientAuthorityPEM: try clients?.pem
        )
        try await EmbeddedRegistry.with(configuration) { server in
            let url = try OutboundURL("https://\(server.host)")
            try await body(server, ClusterConfiguration(server: url, source: "the test"))
        }
    }

    private func with(
        _ configuration: ClusterConfiguration,
        options: HTTPTransportOptions = HTTPTransportOptions(),
        _ body: (HTTPAPITransport) async throws -> Void
    ) async throws {
        let transport = try HTTPAPITransport(configuration, options: options, clock: clock)
        do {
            try await body(transport)
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }

    private func status(_ transport: HTTPAPITransport) async throws -> Int {
        try await transport.send(APIRequest(.get, "/v2/")).status
    }

    @Test("chaos 19: a renewed authority is followed after five minutes, without a failure in between")
    func authority() async throws {
        let (old, new) = (try TestAuthority(), try TestAuthority())
        try await withServer(of: old) { server, configuration in
            var configuration = configuration
            let path = try folder.write("ca.crt", try old.pem)
            configuration.certificateAuthority = Array(try old.pem.utf8)
            configuration.certificateFiles.certificateAuthority = path
            try await with(configuration) { transport in
                #expect(try await status(transport) == 200)
                // Trust moves to the new authority; the server still shows a certificate of the old one.
                try folder.write("ca.crt", try new.pem)
                clock.advance(by: .seconds(299))
                #expect(try await status(transport) == 200)
                clock.advance(by: .seconds(1))
                let error = await #expect(throws: TransportError.self) { try await status(transport) }
                #expect(error?.code == .insecure)
                // A refused handshake has the file looked at again at once.
                try folder.write("ca.crt", try old.pem)
                #expect(try await status(transport) == 200)
            }
        }
    }

    @Test("chaos 19: a refused client certificate is replaced by its renewal with the next request")
    func clientCertificate() async throws {
        let (authority, old, new) = (try TestAuthority(), try TestAuthority(), try TestAuthority())
        try await withServer(of: authority, clients: new) { server, configuration in
            var configuration = configuration
            let outdated = try old.issue(names: ["client"])
            configuration.certificateAuthority = Array(try authority.pem.utf8)
            configuration.certificateFiles.clientCertificate = try folder.write("tls.crt", outdated.certificate)
            configuration.certificateFiles.clientKey = try folder.write("tls.key", outdated.key)
            configuration.identity = .init(
                certificateChainPEM: Array(outdated.certificate.utf8),
                privateKeyPEM: Array(outdated.key.utf8)
            )
            try await with(configuration) { transport in
                await #expect(throws: TransportError.self) { try await status(transport) }
                let renewed = try new.issue(names: ["client"])
                // Only half of the renewal is there: the pair does not fit, and the old one stays in use.
                try folder.write("tls.crt", renewed.certificate)
                await #expect(throws: TransportError.self) { try await status(transport) }
                try folder.write("tls.key", renewed.key)
                #expect(try await status(transport) == 200)
                // Files that vanish cost nothing.
                try FileManager.default.removeItem(atPath: folder.path + "/tls.key")
                clock.advance(by: .seconds(300))
                #expect(try await status(transport) == 200)
            }
        }
    }

    @Test("chaos 19: a token that the server refuses costs one request; tokens of a file and of a program alike")
    func tokens() async throws {
        let authority = try TestAuthority()
        let tokenPath = try folder.write("token", "old")
        let plugin = try folder.write(
            "plugin",
            """
            #!/bin/sh
            echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$(cat \
            "$TOKEN")'"}}'
            """
        )
        let exec = ExecCredentialPlugin(
            command: "/bin/sh",
            arguments: [plugin],
            environment: ["TOKEN": tokenPath, "PATH": "/usr/bin:/bin"]
        )
        for credential in [ClusterConfiguration.Credential.tokenFile(path: tokenPath), .exec(exec)] {
            try folder.write("token", "old")
            try await withServer(of: authority) { server, configuration in
                var configuration = configuration
                configuration.certificateAuthority = Array(try authority.pem.utf8)
                configuration.credential = credential
                try await with(configuration) { transport in
                    #expect(try await status(transport) == 200)
                    try folder.write("token", "new")
                    server.inject(.answer(status: 401), target: "/v2/", times: 1)
                    #expect(try await status(transport) == 401)
                    #expect(try await status(transport) == 200)
                }
                #expect(
                    server.requests.map { $0.headers["authorization"] } == ["Bearer old", "Bearer old", "Bearer new"]
                )
            }
        }
    }

    @Test("a program may give a client certificate instead of a token")
    func pluginCertificate() async throws {
        let (authority, clients) = (try TestAuthority(), try TestAuthority())
        let identity = try clients.issue(names: ["client"])
        func json(_ text: String) -> String { text.split(separator: "\n").joined(separator: "\\\\n") + "\\\\n" }
        let plugin = try folder.write(
            "plugin",
            """
            #!/bin/sh
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{\
            "clientCertificateData":"\(json(identity.certificate))","clientKeyData":"\(json(identity.key))"}}'
            """
        )
        try await withServer(of: authority, clients: clients) { server, configuration in
            var configuration = configuration
            configuration.certificateAuthority = Array(try authority.pem.utf8)
            configuration.credential = .exec(
                ExecCredentialPlugin(command: "/bin/sh", arguments: [plugin], environment: [:])
            )
            try await with(configuration) { transport in
                let answer = try await status(transport)
                #expect(answer == 200)
            }
            #expect(server.requests.first?.headers["authorization"] == nil)
            var options = HTTPTransportOptions()
            options.execPlugins = .denyAll
            try await with(configuration, options: options) { transport in
                #expect(configuration.identity == nil)
                let error = await #expect(throws: TransportError.self) { try await status(transport) }
                #expect(error?.code == .credentialsUnavailable)
            }
        }
    }
}
