public import OutboundHTTP

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What reaches the services of clouds: connections, time and files.
public struct CloudSurroundings: Sendable {
    /// The way to services on the network.
    public let http: any HTTPExchange
    /// The way to services on the machine's own link, such as its metadata service: never through a proxy.
    public let direct: any HTTPExchange
    /// Measures pauses.
    public let clock: any Clock<Duration>
    /// The present.
    public let now: @Sendable () -> Date
    /// Reads a file of at most so many bytes.
    ///
    /// Its errors are told to people.
    public let readFile: @Sendable (_ path: String, _ limit: Int) throws -> [UInt8]

    /// Puts the parts together.
    public init(
        http: any HTTPExchange,
        direct: any HTTPExchange,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        readFile: @escaping @Sendable (_ path: String, _ limit: Int) throws -> [UInt8]
    ) {
        self.http = http
        self.direct = direct
        self.clock = clock
        self.now = now
        self.readFile = readFile
    }
}

extension CloudSurroundings {
    /// How often, and how patiently, a service that fails is asked again.
    static let retries = RetryPolicy(
        attempts: 3,
        initialDelay: .seconds(1),
        maximumDelay: .seconds(4),
        maximumRetryAfter: .seconds(5),
        budget: .seconds(20)
    )
    /// The longest file with the token of a service account, in bytes.
    static let maximumTokenBytes = 32_768

    /// Tries as ``retries`` says.
    func attempt<Value>(
        _ operation: () async throws(CloudError) -> Value
    ) async throws(CloudError) -> Value {
        try await Self.attempt(clock, operation)
    }

    private static func attempt<Value>(
        _ clock: some Clock<Duration>,
        _ operation: () async throws(CloudError) -> Value
    ) async throws(CloudError) -> Value {
        try await retries.attempt(
            clock: clock,
            advice: { (error: CloudError) in error.isTransient ? .retry(after: error.retryAfter) : .giveUp }
        ) { _ async throws(CloudError) in try await operation() }
    }

    /// When another token is asked for: five minutes before it lapses, or after half of a short life.
    func renewal(before expires: Date) -> Date {
        let now = now()
        let life = expires.timeIntervalSince(now)
        return now.addingTimeInterval(max(life / 2, life - 300))
    }

    /// The token of the service account in a file, which the kubelet replaces from time to time.
    func token(in path: String) throws(CloudError) -> String {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path, Self.maximumTokenBytes)
        } catch {
            throw CloudError(.misconfigured, "the service account's token cannot be read: \(error)")
        }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard text.count == 1, let token = text.first, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw CloudError(.misconfigured, "\(path) holds no token")
        }
        return String(token)
    }
}
