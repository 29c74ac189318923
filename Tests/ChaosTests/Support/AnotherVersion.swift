import KubernetesAPI

/// A way to the cluster that makes of an operator one of another version: it words its statuses differently.
///
/// What it writes is in its own words, what it wrote it reads as it meant it, and what others wrote as something else.
struct AnotherVersion: APITransport {
    /// Words that are exchanged for each other, both ways.
    private static let words = [("\"Accepted\"", "\"accepted\""), ("signature sha256:", "Signature sha256:")]

    private let base: any APITransport

    init(_ base: any APITransport) { self.base = base }

    private static func exchanged(_ bytes: [UInt8]) -> [UInt8] {
        var text = String(decoding: bytes, as: UTF8.self)
        for (one, other) in words {
            text = text.split(separator: one, omittingEmptySubsequences: false)
                .map { $0.replacing(other, with: one) }
                .joined(separator: other)
        }
        return Array(text.utf8)
    }

    private static func exchanged<Body: AsyncSequence<[UInt8], any Error> & Sendable>(
        _ body: Body
    ) -> any AsyncSequence<[UInt8], any Error> & Sendable {
        body.map { exchanged($0) }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        var request = request
        request.body = request.body.map(Self.exchanged)
        var response = try await base.send(request)
        response.body = Self.exchanged(response.body)
        return response
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try await base.stream(request) { answer in
            // Pods come in bytes that are no text, and nobody words anything in them.
            guard answer.headers["content-type"]?.hasPrefix("application/json") == true else {
                return try await body(answer)
            }
            return try await body(
                APIResponseStream(status: answer.status, headers: answer.headers, body: Self.exchanged(answer.body))
            )
        }
    }
}
