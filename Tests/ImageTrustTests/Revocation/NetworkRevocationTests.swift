import FoundationEssentials
import NotaryVerification
import OutboundHTTP
import SigningTestKit
import Synchronization
import Testing

@testable import ImageTrust

/// An HTTP client that answers as a test wants.
private final class ScriptedHTTP: HTTPExchange {
    private let answers: @Sendable (OutboundRequest) throws(OutboundError) -> OutboundResponse
    private let log = Mutex<[OutboundRequest]>([])

    init(_ answers: @escaping @Sendable (OutboundRequest) throws(OutboundError) -> OutboundResponse) {
        self.answers = answers
    }

    var requests: [OutboundRequest] { log.withLock(\.self) }

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        log.withLock { $0.append(request) }
        return try answers(request)
    }

    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        throw OutboundError(.invalidRequest, "nothing is streamed here")
    }
}

private struct ScriptedResolver: HostResolver {
    var addresses: [String: String] = [:]

    func address(of host: String, port: Int) async throws(OutboundError) -> IPAddress {
        guard let address = IPAddress(addresses[host] ?? "93.184.216.34") else {
            throw OutboundError(.unreachable, "the name \(host) is not known")
        }
        return address
    }
}

@Suite("Asking about revocation over the network")
struct NetworkRevocationTests {
    private func ask(
        _ url: String,
        der: [UInt8]? = nil,
        hosts: [String] = [],
        addresses: [String: String] = [:],
        answers: @escaping @Sendable (OutboundRequest) throws(OutboundError) -> OutboundResponse = { _ in
            OutboundResponse(status: 200, body: [1])
        }
    ) async throws -> (RevocationAnswer, [OutboundRequest]) {
        let http = ScriptedHTTP(answers)
        let source = NetworkRevocation(
            http: http,
            access: RevocationAccess(allowedHosts: Set(hosts.compactMap(RevocationAccess.Host.init))),
            resolver: ScriptedResolver(addresses: addresses)
        )
        let request = der.map { RevocationRequest.ocsp(url: url, request: $0) } ?? .revocationList(url: url)
        let answer = await source.answer(to: request, for: try RevocableSigner().lookup, now: RevocableSigner.now)
        return (answer, http.requests)
    }

    @Test("A short OCSP request is a GET, a long one and one to a URL with a query a POST")
    func ocsp() async throws {
        let (answer, gets) = try await ask("http://ocsp.example.com/a/", der: [0xFB, 0xFF, 0xFE])
        #expect(answer == .bytes([1], receivedAt: RevocableSigner.now))
        #expect(gets.first?.method == .get)
        #expect(gets.first?.url.absoluteString == "http://ocsp.example.com/a/%2B%2F%2F%2B")
        #expect(gets.first?.headers["accept"] == "application/ocsp-response")
        #expect(gets.first?.timeout == .seconds(2))
        #expect(gets.first?.address == IPAddress("93.184.216.34"))
        let (_, rooted) = try await ask("http://ocsp.example.com", der: [0])
        #expect(rooted.first?.url.absoluteString == "http://ocsp.example.com/AA%3D%3D")
        for (url, der) in [("http://ocsp.example.com", [UInt8](repeating: 0, count: 191)), ("http://a/?b", [0])] {
            let (_, posts) = try await ask(url, der: der)
            #expect(posts.first?.method == .post)
            #expect(posts.first?.body == der)
            #expect(posts.first?.headers["content-type"] == "application/ocsp-request")
        }
    }

    @Test("A list is a GET with five seconds")
    func lists() async throws {
        let (_, requests) = try await ask("http://crl.example.com/ca.crl?x=1")
        #expect(requests.first?.method == .get && requests.first?.timeout == .seconds(5))
        #expect(requests.first?.url.absoluteString == "http://crl.example.com/ca.crl?x=1")
    }

    @Test(
        "Hosts of the internal network are not asked, whether they are written as such or lead there",
        arguments: [
            "http://127.0.0.1:8080/x", "http://localhost/x", "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1",
            "http://[::1]/x", "http://[fd00::1]/x", "http://metadata.example.com/x", "http://0.0.0.0/",
            "http://[::ffff:10.0.0.1]/",
        ]
    )
    func blocked(url: String) async throws {
        let (answer, requests) = try await ask(url, addresses: ["metadata.example.com": "169.254.169.254"])
        #expect(requests.isEmpty)
        guard case .failure(let message) = answer else {
            Issue.record("\(url) was asked")
            return
        }
        #expect(message.contains("--revocation-allow-host"), "\(message)")
    }

    @Test("A host that is allowed is asked wherever it is, on the port that is allowed")
    func allowed() async throws {
        let leads = ["pki.internal": "10.0.0.1"]
        for (url, hosts, isAsked) in [
            ("http://127.0.0.1:8080/x", ["127.0.0.1"], true), ("http://127.0.0.1:8080/x", ["127.0.0.1:8080"], true),
            ("http://127.0.0.1:8080/x", ["127.0.0.1:8081"], false), ("http://pki.internal/x", ["pki.internal"], true),
            ("http://pki.internal/x", ["pki.internal:80"], true), ("http://pki.internal/x", ["other.internal"], false),
            ("http://[::1]:1/x", ["[::1]:1"], true), ("http://PKI.internal/x", ["pki.INTERNAL"], true),
        ] {
            let (_, requests) = try await ask(url, hosts: hosts, addresses: leads)
            #expect(requests.isEmpty == !isAsked, "\(url) with \(hosts)")
        }
    }

    @Test("What is no http URL is not asked", arguments: ["https://a.example.com", "ldap://a", "", "http://", "x y"])
    func schemes(url: String) async throws {
        let (answer, requests) = try await ask(url)
        #expect(requests.isEmpty)
        guard case .failure = answer else {
            Issue.record("\(url) was asked")
            return
        }
    }

    @Test(
        "Redirects are followed to http only, where it is allowed to ask, three times at most",
        arguments: [
            ("/other.crl", true), ("http://b.example.com/x", true), ("https://b.example.com/x", false),
            ("http://127.0.0.1/x", false), ("file:///etc/passwd", false), ("", false),
        ]
    )
    func redirects(location: String, isFollowed: Bool) async throws {
        let (answer, requests) = try await ask("http://a.example.com/start") { request in
            request.url.path == "/start" && request.url.host == "a.example.com"
                ? OutboundResponse(status: 302, headers: ["location": location])
                : OutboundResponse(status: 200, body: [7])
        }
        #expect((answer == .bytes([7], receivedAt: RevocableSigner.now)) == isFollowed)
        #expect(location.isEmpty || requests.count == (isFollowed ? 2 : 1))
        let (endless, hops) = try await ask("http://a.example.com/start") { _ in
            OutboundResponse(status: 301, headers: ["location": "/start"])
        }
        #expect(hops.count == 4)
        guard case .failure = endless else {
            Issue.record("an endless redirect ended well")
            return
        }
    }

    @Test("A POST is not sent elsewhere, and any status but 200 is no answer", arguments: [201, 204, 301, 404, 500])
    func statuses(status: Int) async throws {
        let der = [UInt8](repeating: 0, count: 200)
        let (answer, requests) = try await ask("http://a.example.com", der: der) { _ in
            OutboundResponse(status: status, headers: ["location": "/x"], body: [1])
        }
        #expect(requests.count == 1)
        #expect(answer == .failure("a.example.com answered with status \(status)"))
    }

    @Test("Hosts are read as they are written on the command line")
    func hosts() {
        for text in ["", "a/b", "http://a", "a:b", "a:0", "a b", "a@b", "127.1", "a?b"] {
            #expect(RevocationAccess.Host(text) == nil, "\(text)")
        }
        #expect(RevocationAccess.Host("A.example.com")?.name == "a.example.com")
        #expect(RevocationAccess.Host("a.example.com")?.port == nil)
        #expect(RevocationAccess.Host("a.example.com:80")?.port == 80)
        #expect(RevocationAccess.Host("[fd00::1]")?.port == nil)
        #expect(RevocationAccess.Host("[fd00::1]:8080")?.port == 8080)
    }
}
