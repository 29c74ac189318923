import EmbeddedRegistry
import OutboundHTTP
import TestCertificates
import Testing

@Suite("TLS", .timeLimit(.minutes(5)))
struct TLSSettingsTests {
    /// Asks a TLS server once; its certificate was issued by `authority`.
    private static func ask(
        _ tls: TLSSettings,
        authority: TestAuthority,
        names: [String] = [],
        addresses: [[UInt8]] = [[127, 0, 0, 1]],
        clientAuthority: TestAuthority? = nil
    ) async throws -> (Int, host: String?) {
        var configuration = EmbeddedRegistryConfiguration()
        let identity = try authority.issue(names: names, addresses: addresses)
        configuration.tls = .init(
            certificateChainPEM: identity.certificate,
            privateKeyPEM: identity.key,
            clientAuthorityPEM: try clientAuthority?.pem
        )
        return try await EmbeddedRegistry.with(configuration) { server in
            try await OutboundHTTPClient.with(OutboundConfiguration(tls: tls)) { client in
                let url = try OutboundURL("https://\(server.host)/v2/")
                let response = try await client.send(OutboundRequest(.get, url), limit: .kibibytes(1))
                return (response.status, server.requests.last?.headers["host"].map { $0 == server.host ? "same" : $0 })
            }
        }
    }

    private static func expectInsecure(
        _ tls: TLSSettings,
        authority: TestAuthority,
        names: [String] = [],
        addresses: [[UInt8]] = [[127, 0, 0, 1]],
        clientAuthority: TestAuthority? = nil,
        saying words: String,
        location: SourceLocation = #_sourceLocation
    ) async {
        await #expect(sourceLocation: location) {
            _ = try await ask(
                tls,
                authority: authority,
                names: names,
                addresses: addresses,
                clientAuthority: clientAuthority
            )
        } throws: { error in
            (error as? OutboundError)?.code == .insecure && "\(error)".contains(words)
        }
    }

    @Test("an authority the system does not know is refused, and the words say what is needed")
    func unknownAuthority() async throws {
        await Self.expectInsecure(
            TLSSettings(),
            authority: try TestAuthority(),
            saying: "add the CA certificate that issued it"
        )
    }

    @Test("another authority's certificates do not help")
    func wrongAuthority() async throws {
        let other = try TestAuthority()
        await Self.expectInsecure(
            TLSSettings(roots: .only(pem: Array(try other.pem.utf8))),
            authority: try TestAuthority(),
            saying: "not issued by any of the configured CA certificates"
        )
    }

    @Test("a given authority is trusted, alone or beside the system's")
    func givenAuthority() async throws {
        let authority = try TestAuthority()
        let pem = Array(try authority.pem.utf8)
        #expect(try await Self.ask(TLSSettings(roots: .only(pem: pem)), authority: authority).0 == 200)
        #expect(try await Self.ask(TLSSettings(roots: .systemAnd(pem: pem)), authority: authority).0 == 200)
    }

    @Test("a certificate for another name is refused")
    func wrongName() async throws {
        let authority = try TestAuthority()
        let tls = TLSSettings(roots: .only(pem: Array(try authority.pem.utf8)))
        await Self.expectInsecure(
            tls,
            authority: authority,
            names: ["other.example"],
            addresses: [],
            saying: "issued for another name"
        )
    }

    @Test("a server name of one's own is sent and looked for, and the Host field stays")
    func serverName() async throws {
        let authority = try TestAuthority()
        let tls = TLSSettings(
            roots: .only(pem: Array(try authority.pem.utf8)),
            serverNames: ["127.0.0.1": "kubernetes.example"]
        )
        let (status, host) = try await Self.ask(tls, authority: authority, names: ["kubernetes.example"], addresses: [])
        #expect(status == 200)
        #expect(host == "same")
        await Self.expectInsecure(
            tls,
            authority: authority,
            names: ["other.example"],
            addresses: [],
            saying: "issued for another name"
        )
    }

    @Test("a certificate for another address is refused")
    func wrongAddress() async throws {
        let authority = try TestAuthority()
        await Self.expectInsecure(
            TLSSettings(roots: .only(pem: Array(try authority.pem.utf8))),
            authority: authority,
            addresses: [[192, 0, 2, 1]],
            saying: "issued for another name than 127.0.0.1"
        )
    }

    @Test("verification can be switched off")
    func withoutVerification() async throws {
        let tls = TLSSettings(withoutVerificationUnsafe: true)
        #expect(try await Self.ask(tls, authority: try TestAuthority()).0 == 200)
    }

    @Test("a server that wants a client certificate gets it, and says so when it does not")
    func clientCertificate() async throws {
        let authority = try TestAuthority()
        let clients = try TestAuthority()
        let identity = try clients.issue(names: ["client"])
        var tls = TLSSettings(roots: .only(pem: Array(try authority.pem.utf8)))
        await Self.expectInsecure(tls, authority: authority, clientAuthority: clients, saying: "client certificate")
        tls.identity = .init(
            certificateChainPEM: Array(identity.certificate.utf8),
            privateKeyPEM: Array(identity.key.utf8)
        )
        #expect(try await Self.ask(tls, authority: authority, clientAuthority: clients).0 == 200)
    }

    @Test("a server without TLS is recognised as such")
    func plainServer() async throws {
        try await EmbeddedRegistry.with { server in
            try await OutboundHTTPClient.with { client in
                let url = try OutboundURL("https://\(server.host)/")
                await #expect { _ = try await client.send(OutboundRequest(.get, url), limit: .bytes(1)) } throws: {
                    error in
                    (error as? OutboundError)?.code == .notTLS && "\(error)".contains("looks like plain HTTP")
                }
            }
        }
    }

    @Test("settings that cannot be used are refused when the client is made")
    func unusable() throws {
        func code(_ tls: TLSSettings) -> OutboundError.Code? {
            do throws(OutboundError) {
                _ = try OutboundHTTPClient(OutboundConfiguration(tls: tls))
                return nil
            } catch {
                return error.code
            }
        }
        let identity = try TestAuthority().issue(names: ["a"])
        #expect(code(TLSSettings(roots: .only(pem: Array("nonsense".utf8)))) == .invalidConfiguration)
        #expect(code(TLSSettings(roots: .systemAnd(pem: []))) == .invalidConfiguration)
        #expect(
            code(
                TLSSettings(identity: .init(certificateChainPEM: Array(identity.certificate.utf8), privateKeyPEM: [1]))
            )
                == .invalidConfiguration
        )
        #expect(code(TLSSettings(serverNames: ["a": "x", "b": "x"])) == .invalidConfiguration)
    }

    @Test("an identity does not print its key")
    func identityDescription() {
        let identity = TLSSettings.ClientIdentity(certificateChainPEM: [], privateKeyPEM: Array("SECRET".utf8))
        #expect(!"\(identity)".contains("SECRET"))
    }
}
