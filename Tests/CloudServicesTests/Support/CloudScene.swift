import FoundationEssentials
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import SigningTestKit
import Synchronization
import TestTiming

/// Files that a test writes.
final class FileBox: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private let files = Mutex<[String: String]>([:])
    private let count = Mutex(0)

    var reads: Int { count.withLock(\.self) }

    func write(_ path: String, _ text: String?) { files.withLock { $0[path] = text } }

    func read(_ path: String) throws -> [UInt8] {
        count.withLock { $0 += 1 }
        guard let text = files.withLock({ $0[path] }) else { throw Missing(description: "\(path) does not exist") }
        return Array(text.utf8)
    }
}

/// The present of a scene: a wall clock that tests move, and a clock on which pauses take no time and are kept.
final class SceneTime: Sendable {
    /// The first of June 2026.
    static let start: Int64 = 1_780_272_000

    private let seconds = Mutex(SceneTime.start)
    let clock = PausesClock()

    var now: Date { Date(timeIntervalSince1970: Double(seconds.withLock(\.self))) }

    func advance(by seconds: Int64) { self.seconds.withLock { $0 += seconds } }
}

/// A clock on which everything is due at once, which moves by what was slept.
final class PausesClock: Clock, Sendable {
    private let state = Mutex<(now: ContinuousClock.Instant, pauses: [Duration])>((.now, []))

    var pauses: [Duration] { state.withLock(\.pauses) }
    var now: ContinuousClock.Instant { state.withLock(\.now) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.pauses.append(state.now.duration(to: deadline))
            state.now = max(state.now, deadline)
        }
    }
}

/// Holds answers back until a gate opens.
struct HeldWire: HTTPExchange {
    let wire: any HTTPExchange
    let gate: Latch

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let response = try await wire.send(request, limit: limit)
        await gate.wait()
        return response
    }

    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        try await wire.stream(request, body)
    }
}

/// Tokens of the cluster for the service account, whose signature nobody checks.
enum ServiceAccountToken {
    static func text(
        issuer: String,
        subject: String,
        audience: String,
        expires: Int64 = SceneTime.start + 3600
    ) -> String {
        let claims: JSONValue = [
            "iss": .string(issuer), "sub": .string(subject), "aud": .string(audience), "exp": .integer(expires),
        ]
        return "eyJhbGciOiJSUzI1NiJ9.\(JWSRecipe.base64URL(JSONSerializer().bytes(claims))).c2lnbmF0dXJl\n"
    }
}

/// One credential for everything.
struct FixedCredentialSource: CredentialSource {
    let credential: RegistryCredential

    func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? { credential }
}
