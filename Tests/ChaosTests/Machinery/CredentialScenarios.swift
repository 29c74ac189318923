import EmbeddedKubernetes
import Foundation
import KubernetesAPI
import KubernetesClient
import Logging
import TestTiming
import Testing

@testable import OutboundHTTP

@Suite("Chaos: credentials that are renewed", .timeLimit(Chaos.timeLimit))
struct CredentialScenarios {
    @Test(
        "19: a token that is rotated costs one refused request at most, even when the file comes late, and no restart",
        arguments: Chaos.seeds
    )
    func rotation(seed: UInt64) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chaos-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "token")
        // Whatever is told of a token would be found as a widget's password is.
        @Sendable func token(_ number: Int) -> String { "\(Widget.secret)-token-\(number)" }
        let tokens = Shelf(Tokens(valid: [token(0)]))
        try Data(token(0).utf8).write(to: file)
        var scenario = MachineryScenario(title: "19: token rotation")
        scenario.duration = .seconds(400)
        scenario.invariants.lists = 40
        // Refused requests do not reach the server that counts them.
        scenario.invariants.countsRefusals = false
        scenario.settings.transport = { direct, clock in
            let server = try OutboundURL("https://kubernetes.example")
            var configuration = ClusterConfiguration(server: server, source: "the scenario")
            configuration.credential = .tokenFile(path: file.path)
            let exchange = CheckingExchange(transport: direct, tokens: tokens)
            let quiet = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })
            return HTTPAPITransport(configuration, requests: exchange, streams: exchange, clock: clock, logger: quiet)
        }
        try await scenario.run(seed: seed) { world in
            var total = 0
            for number in 1...8 {
                let isLate = !number.isMultiple(of: 2)
                try Data(token(number).utf8).write(to: file)
                if isLate {
                    // The old one is refused at the moment at which the new one comes.
                    tokens.value = Tokens(valid: [token(number)])
                } else {
                    // As the kubelet does it: both are good for more than a minute.
                    tokens.value = Tokens(valid: [token(number - 1), token(number)])
                    try await world.pass(.seconds(61))
                    tokens.value = Tokens(valid: [token(number)])
                }
                world.plan.endStreams(WidgetWorld.watches)
                try await world.pass(.seconds(30))
                let refusals = tokens.value.refusals
                // The first request with the former token is refused, and nobody asks with it again.
                #expect(refusals <= (isLate ? 1 : 0), "rotation \(number): \(refusals) refusals")
                total += refusals
            }
            #expect(total > 0, "no token was ever refused")
        }
    }
}

/// The tokens that a server accepts, and how often another was shown to it.
private struct Tokens: Sendable {
    var valid: Set<String>
    var refusals = 0
}

/// The network between the client's real transport and the embedded server, where tokens are checked.
private struct CheckingExchange: HTTPExchange {
    let transport: InProcessAPITransport
    let tokens: Shelf<Tokens>

    /// The answer to a request without a good token.
    private func refusal(of request: OutboundRequest) -> OutboundResponse? {
        let isValid = tokens.value.valid.contains { request.headers["authorization"] == "Bearer \($0)" }
        guard !isValid else { return nil }
        tokens.change { $0.refusals += 1 }
        let status =
            #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","#
            + #""reason":"Unauthorized","code":401}"#
        return OutboundResponse(status: 401, headers: ["content-type": "application/json"], body: Array(status.utf8))
    }

    private func inner(_ request: OutboundRequest) throws -> APIRequest {
        let query = (request.url.query ?? "").split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).removingPercentEncoding ?? String($0)
            }
            return APIRequest.QueryItem(parts[0], parts.count > 1 ? parts[1] : "")
        }
        guard let method = APIRequest.Method(rawValue: request.method.rawValue) else {
            throw TransportError(.malformedResponse, "no method of the API")
        }
        // The embedded server would look for the token among its own.
        var headers = request.headers
        headers["authorization"] = nil
        return APIRequest(
            method,
            request.url.path,
            query: query,
            headers: headers.dictionary,
            body: request.body,
            timeout: request.timeout
        )
    }

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        if let refusal = refusal(of: request) { return refusal }
        do {
            let response = try await transport.send(try inner(request))
            return OutboundResponse(
                status: response.status,
                headers: HeaderFields(response.headers.map { ($0.key, $0.value) }),
                body: response.body
            )
        } catch is CancellationError {
            throw OutboundError(.cancelled, "cancelled")
        } catch {
            throw OutboundError(.connectionLost, "\(error)")
        }
    }

    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        if let refusal = refusal(of: request) {
            let answer = OutboundResponseStream(
                status: refusal.status,
                headers: refusal.headers,
                body: OutboundBody(parts: [refusal.body])
            )
            return try await body(answer)
        }
        return try await transport.stream(try inner(request)) { stream in
            let pieces = stream.body
            let reader = OutboundBody(reader: {
                nonisolated(unsafe) var iterator = pieces.makeAsyncIterator()
                return { try await iterator.next() }
            })
            return try await body(
                OutboundResponseStream(
                    status: stream.status,
                    headers: HeaderFields(stream.headers.map { ($0.key, $0.value) }),
                    body: reader
                )
            )
        }
    }
}
