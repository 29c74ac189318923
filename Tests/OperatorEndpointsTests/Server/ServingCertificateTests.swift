import NIOSSL
import TestCertificates
import Testing

@testable import OperatorEndpoints

/// TLS, and certificates that change while it is spoken.
@Suite("Serving in TLS", .timeLimit(.minutes(10)))
struct ServingCertificateTests {
    private static let hello = Endpoint(path: "/hello") { _ in Endpoint.Answer(body: Array("hello".utf8)) }
    private static let request = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n"
    private static let lastRequest = "GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"

    private static func pair(of authority: TestAuthority) throws -> ServingCertificate.Pair {
        let issued = try authority.issue(name: "vigil", names: ["vigil"])
        return try ServingCertificate.Pair(
            certificatePEM: Array(issued.certificate.utf8),
            keyPEM: Array(issued.key.utf8)
        )
    }

    /// A client that trusts `authority` alone.
    private static func client(
        trusting authority: TestAuthority,
        from minimum: TLSVersion = .tlsv12,
        to maximum: TLSVersion? = nil,
        suites: [NIOTLSCipher]? = nil
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(try authority.pem.utf8)))
        configuration.minimumTLSVersion = minimum
        configuration.maximumTLSVersion = maximum
        if let suites { configuration.cipherSuiteValues = suites }
        return try NIOSSLContext(configuration: configuration)
    }

    @Test("what is served is served in TLS 1.2 and 1.3, and in nothing older")
    func versions() async throws {
        let authority = try TestAuthority()
        try await ServedEndpoints.with([Self.hello], certificate: ServingCertificate(Self.pair(of: authority))) {
            port in
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let client = try Self.client(trusting: authority, from: version, to: version)
                let answer = try await RawClient.response(Self.lastRequest, port: port, tls: client)
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("hello"), "\(answer)")
            }
            let old = try Self.client(trusting: authority, from: .tlsv1, to: .tlsv11)
            let answer = try await RawClient.response(Self.lastRequest, port: port, tls: old)
            #expect(answer.isEmpty)
        }
    }

    @Test("of TLS 1.2 no suite is spoken that is not listed: none without forward secrecy, none in CBC")
    func suites() async throws {
        let authority = try TestAuthority()
        let certificate = ServingCertificate(try Self.pair(of: authority))
        // The limit stands by itself: a list of suites that older versions know would not bring these back.
        #expect(certificate.configuration.minimumTLSVersion == .tlsv12)
        try await ServedEndpoints.with([Self.hello], certificate: certificate) { port in
            for (suite, isServed) in [
                (NIOTLSCipher.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true),
                (.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false), (.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false),
            ] {
                let client = try Self.client(trusting: authority, to: .tlsv12, suites: [suite])
                let answer = try await RawClient.response(Self.lastRequest, port: port, tls: client)
                #expect(answer.hasSuffix("hello") == isServed, "\(suite): \(answer)")
            }
        }
        let withoutSecrecy: [NIOTLSCipher] = [
            .TLS_RSA_WITH_AES_128_GCM_SHA256, .TLS_RSA_WITH_AES_256_GCM_SHA384, .TLS_RSA_WITH_AES_128_CBC_SHA,
        ]
        #expect(Set(certificate.configuration.cipherSuiteValues).isDisjoint(with: withoutSecrecy))
    }

    @Test("who speaks plain HTTP, or trusts somebody else, gets nothing")
    func others() async throws {
        let authority = try TestAuthority()
        try await ServedEndpoints.with([Self.hello], certificate: ServingCertificate(Self.pair(of: authority))) {
            port in
            let plain = try await RawClient.response(Self.lastRequest, port: port)
            #expect(!plain.contains("hello"))
            let suspicious = try Self.client(trusting: try TestAuthority())
            let answer = try await RawClient.response(Self.lastRequest, port: port, tls: suspicious)
            #expect(answer.isEmpty)
        }
    }

    @Test("a new certificate is shown on new connections, while open ones go on")
    func rotation() async throws {
        let (first, second) = (try TestAuthority(), try TestAuthority())
        let certificate = ServingCertificate(try Self.pair(of: first))
        try await ServedEndpoints.with([Self.hello], certificate: certificate) { port in
            try await RawClient.with(port: port, tls: Self.client(trusting: first)) { open in
                try await open.send(Self.request)
                #expect(try await open.read(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
                certificate.replace(by: try Self.pair(of: second))
                try await open.send(Self.request)
                #expect(try await open.read(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
                for (authority, isServed) in [(second, true), (first, false)] {
                    let client = try Self.client(trusting: authority)
                    let answer = try await RawClient.response(Self.lastRequest, port: port, tls: client)
                    #expect(answer.hasSuffix("hello") == isServed, "\(answer)")
                }
                try await open.send(Self.request)
                #expect(try await open.read(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test("a client that never finishes its handshake is sent away")
    func silence() async throws {
        var limits = ServerLimits()
        limits.idle = .milliseconds(300)
        let certificate = ServingCertificate(try Self.pair(of: TestAuthority()))
        try await ServedEndpoints.with([Self.hello], limits: limits, certificate: certificate) { port in
            for beginning in ["", "\u{16}\u{3}\u{1}"] {
                let answer = try await RawClient.response(beginning, port: port)
                #expect(answer.isEmpty)
            }
        }
    }

    @Test("what is no certificate, no key, or the key of another is refused, and says which file it is")
    func refused() throws {
        let authority = try TestAuthority()
        let (one, other) = (try authority.issue(names: ["vigil"]), try authority.issue(names: ["vigil"]))
        func part(_ certificate: String, _ key: String) -> ServingCertificateError.Part? {
            do throws(ServingCertificateError) {
                _ = try ServingCertificate.Pair(certificatePEM: Array(certificate.utf8), keyPEM: Array(key.utf8))
                return nil
            } catch {
                #expect(!error.message.contains("PRIVATE"))
                return error.part
            }
        }
        #expect(part(one.certificate, one.key) == nil)
        let chain = try one.certificate + "\n" + authority.pem
        #expect(part(chain, one.key) == nil)
        for certificate in ["", "x", one.key, one.certificate.replacing("END", with: "MIDDLE")] {
            #expect(part(certificate, one.key) == .certificate, "\(certificate)")
        }
        for key in ["", "x", one.certificate, other.key] { #expect(part(one.certificate, key) == .key, "\(key)") }
    }
}
