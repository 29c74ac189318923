import EmbeddedRegistry
import Glibc
import OCIModel
import OCIRegistry
import OutboundHTTP
import TestTiming
import Testing

/// A registry that does its worst, listed in `docs/security.md`: each attack ends in a bounded error with a code of its own,
/// no credential and no token reaches another host, and once it stops, the registry is read as ever.
@Suite("A hostile registry", .serialized, .timeLimit(.minutes(10)))
struct HostileRegistryTests {
    private static let secret = "hunter2"

    /// Runs an attack, and says what was wrong with what came of it.
    private static func complaints(about attack: Attack) async throws -> [String] {
        var issuer = EmbeddedRegistryConfiguration.TokenIssuer()
        issuer.user = ("robot", secret)
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .bearer(issuer)
        return try await EmbeddedRegistry.with { thief in
            // Wherever it is sent, it shows what it has; this asks for it.
            thief.inject(
                .answer(status: 401, headers: [("www-authenticate", "Basic realm=\"x\"")]),
                target: "/basic"
            )
            thief.inject(
                .answer(
                    status: 200,
                    headers: [("content-type", "application/json")],
                    body: Array(#"{"token":"of-the-other-host"}"#.utf8)
                ),
                target: "/token"
            )
            let port = thief.host.split(separator: ":").last ?? ""
            return try await RegistryFixture.with(
                behaviour,
                configure: { configuration, _ in
                    configuration.credentials = FixedCredential(.basic(username: "robot", password: secret))
                    configuration.requestTimeout = attack.timeout
                },
                { fixture in
                    _ = try fixture.sign(1)
                    for fault in attack.faults("localhost:\(port)") {
                        fixture.server.inject(fault.effect, target: fault.target, times: fault.times)
                    }
                    var found = await complaints(about: attack, fixture)
                    found += leaks(thief.requests)
                    if fixture.server.requests.contains(where: { $0.headers["cookie"] != nil }) {
                        found.append("a cookie came back")
                    }
                    return found
                }
            )
        }
    }

    private static func complaints(about attack: Attack, _ fixture: RegistryFixture) async -> [String] {
        var complaints: [String] = []
        do throws(RegistryError) {
            try await call(attack.call, fixture)
            complaints.append("there was no error")
        } catch {
            if error.code != attack.code { complaints.append("it ended in \(error.code): \(error.message)") }
            if !error.message.contains(attack.words) { complaints.append("it says: \(error.message)") }
            if error.message.contains(secret) { complaints.append("the error tells the password") }
            if error.message.utf8.count > 2000 { complaints.append("the error has \(error.message.utf8.count) bytes") }
        }
        if fixture.server.requests.count > 20 {
            complaints.append("\(fixture.server.requests.count) requests were made")
        }
        // Once it is over, and the pause that it asked for, all is well.
        fixture.server.healFaults()
        let last = await recover(attack, fixture)
        if let last { complaints.append("afterwards: \(last.message)") }
        return complaints
    }

    /// Asks again; what a busy machine makes late is asked for once more.
    private static func recover(_ attack: Attack, _ fixture: RegistryFixture) async -> RegistryError? {
        var last: RegistryError?
        for _ in 0..<10 {
            fixture.clock.advance(by: .seconds(900))
            do throws(RegistryError) {
                try await call(attack.call, fixture)
                return nil
            } catch {
                last = error
                guard error.code == .timedOut || error.code == .unreachable else { return error }
            }
        }
        return last
    }

    private static func call(_ call: Attack.Call, _ fixture: RegistryFixture) async throws(RegistryError) {
        switch call {
        case .tag: _ = try await fixture.client.resolve(fixture.tag)
        case .digest: _ = try await fixture.client.manifest(fixture.repository, fixture.image.digest)
        case .blob: _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 1 << 20)
        case .referrers:
            _ = try await fixture.client.referrers(
                fixture.repository,
                to: fixture.image.digest,
                artifactType: .notarySignature
            )
        }
    }

    /// What another host learned that it should not.
    private static func leaks(_ requests: [RecordedRequest]) -> [String] {
        requests.flatMap { request -> [String] in
            let text = "\(request.target) \(request.headers) \(String(decoding: request.body, as: UTF8.self))"
            var leaks: [String] = []
            if request.headers["authorization"] != nil { leaks.append("another host was shown an Authorization") }
            if text.contains(secret) || text.contains("embedded-token") || text.contains("cm9ib3Q6") {
                leaks.append("another host was told a secret")
            }
            return leaks
        }
    }

    @Test(
        "each attack ends in a bounded error of its own, tells no other host a secret, and is over when it is over",
        arguments: Attack.all
    )
    func attacks(attack: Attack) async throws {
        let complaints = try await Self.complaints(about: attack)
        #expect(complaints.isEmpty, "\(complaints)")
    }

    /// How much more memory than at its beginning the process of the attacks may have: 128 MiB.
    private static let headroom = 128 << 20

    @Test("all attacks together are survived with 128 MiB of memory")
    func memoryCap() async {
        await #expect(processExitsWith: .success) {
            try Self.capMemory()
            for attack in Attack.all {
                let complaints = try await Self.complaints(about: attack)
                #expect(complaints.isEmpty, "\(attack.name): \(complaints)")
            }
        }
    }

    @Test("the cap is one: who takes more than it ends")
    func memoryCapHolds() async {
        await #expect(processExitsWith: .failure) {
            try Self.capMemory()
            var parts: [[UInt8]] = []
            for number in 0..<64 { parts.append(Array(repeating: UInt8(number), count: 16 << 20)) }
            print(parts.count)
        }
    }

    /// Takes away from this process all memory but what it has and ``headroom``.
    private static func capMemory() throws {
        guard let file = fopen("/proc/self/statm", "r") else { throw RegistryFixtureError() }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, 256, file) != nil else { throw RegistryFixtureError() }
        // The sixth number is what RLIMIT_DATA counts, in pages (proc(5)).
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let pages = text.split(separator: " ").dropFirst(5).first.flatMap({ UInt($0) }) else {
            throw RegistryFixtureError()
        }
        let cap = rlim_t(pages) * rlim_t(getpagesize()) + rlim_t(headroom)
        var limit = rlimit(rlim_cur: cap, rlim_max: cap)
        guard setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0 else {
            throw RegistryFixtureError()
        }
    }

    private struct RegistryFixtureError: Error {}
}
