internal import Synchronization

/// A stand-in for the services of AWS that Vigil asks: the token service, the agent of EKS Pod Identity and the service
/// of private registries.
///
/// It is made from AWS's documentation, which each part names. It refuses every request that is not exactly what the
/// documentation shows, computes every signature anew from the fields that arrived, keeps what was asked, and shares no
/// code with what it tests.
public final class EmbeddedAmazon: EmbeddedCloud {
    /// Keys that were issued.
    struct IssuedKeys: Sendable {
        var secret: String
        var session: String
        var expires: Int64
    }

    struct State: Sendable {
        var settings: AmazonSettings
        var seconds: Int64
        var keys: [String: IssuedKeys] = [:]
        var passwords: Set<String> = []
        var issued = 0
        var log = CloudLog()
    }

    private let state: Mutex<State>

    /// Creates the services.
    ///
    /// - Parameters:
    ///   - settings: what they are like.
    ///   - seconds: the present, in seconds since 1970; ``advance(by:)`` moves it.
    public init(_ settings: AmazonSettings = AmazonSettings(), seconds: Int64) {
        state = Mutex(State(settings: settings, seconds: seconds))
    }

    // MARK: What a test does

    /// Changes the settings.
    public func update(_ change: (inout AmazonSettings) -> Void) { state.withLock { change(&$0.settings) } }

    /// Lets time pass.
    public func advance(by seconds: Int64) { state.withLock { $0.seconds += seconds } }

    /// Withdraws all keys that were issued.
    public func revokeKeys() { state.withLock { $0.keys = [:] } }

    /// Answers the next `count` requests to `host` with `answer`.
    public func fail(_ host: String, count: Int = 1, with answer: CloudAnswer) {
        state.withLock { $0.log.fail(host, "/", count: count, with: answer) }
    }

    /// Ends every ``fail(_:count:with:)``.
    public func heal() { state.withLock { $0.log.heal() } }

    /// What was asked, oldest first.
    public var requests: [CloudRequest] { state.withLock(\.log.requests) }

    /// Everything that must not show up anywhere: secrets, sessions and passwords that were issued.
    public var secrets: Set<String> {
        state.withLock { state in
            state.passwords.union(state.keys.values.flatMap { [$0.secret, $0.session] })
        }
    }

    /// Issues keys without being asked.
    public func issueKeys() -> (id: String, secret: String, session: String) {
        state.withLock { state in
            let id = state.issueKeys()
            return (id, state.keys[id]?.secret ?? "", state.keys[id]?.session ?? "")
        }
    }

    // MARK: What the services do

    /// The answer to a request.
    public func answer(_ request: CloudRequest) -> CloudAnswer {
        state.withLock { state in state.log.note(request) ?? state.answer(request) }
    }

    /// The service of registries alone: the others need a host of their own.
    public func move(to authority: String) { update { $0.registryHost = authority } }
}

extension EmbeddedAmazon.State {
    mutating func answer(_ request: CloudRequest) -> CloudAnswer {
        switch (request.host, request.isEncrypted) {
        case (settings.tokenHost, true): assumeRole(request)
        case (settings.registryHost, true): authorizeRegistry(request)
        case (settings.agentHost, false): associate(request)
        default: CloudAnswer(404, json: #"{"error":"nothing is served at this host"}"#)
        }
    }

    /// Whether the request has exactly these header fields besides `user-agent`.
    func hasOnly(_ names: Set<String>, _ request: CloudRequest) -> Bool {
        Set(request.headers.keys).subtracting(["user-agent"]) == names
    }

    mutating func issueKeys() -> String {
        issued += 1
        let id = "ASIAEXAMPLE\(issued)"
        keys[id] = EmbeddedAmazon.IssuedKeys(
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\(issued)",
            session: "AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE\(issued)==",
            expires: seconds + settings.keyLife
        )
        return id
    }
}
