internal import Synchronization

/// A stand-in for the services of Azure that Vigil asks: the identity service, a machine's metadata service, vaults, and
/// the token service of a registry.
///
/// It is made from Microsoft's documentation, which each part names; what was not seen of the real services is said there.
/// It refuses every request that is not exactly what the documentation shows: another method, a query item, form field
/// or header field too many or too few, a token for something else. It keeps what was asked, and shares no code with what
/// it tests.
public final class EmbeddedAzure: EmbeddedCloud {
    struct State: Sendable {
        var settings: AzureSettings
        var vaults: [String: AzureVault] = [:]
        var seconds: Int64
        var tokens: [String: IssuedToken] = [:]
        var issued = 0
        var log = CloudLog()
    }

    /// A token that was issued.
    struct IssuedToken: Sendable {
        var resource: String
        var expires: Int64
    }

    private let state: Mutex<State>

    /// Creates the services.
    ///
    /// - Parameters:
    ///   - settings: what they are like.
    ///   - seconds: the present, in seconds since 1970; ``advance(by:)`` moves it.
    public init(_ settings: AzureSettings = AzureSettings(), seconds: Int64) {
        state = Mutex(State(settings: settings, seconds: seconds))
    }

    // MARK: What a test does

    /// Changes a vault, which comes into being with it.
    public func updateVault(_ host: String, _ change: (inout AzureVault) -> Void) {
        state.withLock { change(&$0.vaults[host, default: AzureVault()]) }
    }

    /// Changes the settings.
    public func update(_ change: (inout AzureSettings) -> Void) { state.withLock { change(&$0.settings) } }

    /// Lets time pass.
    public func advance(by seconds: Int64) { state.withLock { $0.seconds += seconds } }

    /// Withdraws every token that was issued.
    public func revokeTokens() { state.withLock { $0.tokens = [:] } }

    /// Answers the next `count` requests whose path begins with `prefix` with `answer`.
    public func fail(_ prefix: String, count: Int = 1, with answer: CloudAnswer) {
        state.withLock { $0.log.fail(nil, prefix, count: count, with: answer) }
    }

    /// Ends every ``fail(_:count:with:)``.
    public func heal() { state.withLock { $0.log.heal() } }

    /// What was asked, oldest first.
    public var requests: [CloudRequest] { state.withLock(\.log.requests) }

    /// Forgets what was asked.
    public func forgetRequests() { state.withLock { $0.log.forget() } }

    /// Every token that is good now: what must not show up anywhere.
    public var tokens: Set<String> { state.withLock { Set($0.tokens.keys) } }

    // MARK: What the services do

    /// The answer to a request.
    public func answer(_ request: CloudRequest) -> CloudAnswer {
        state.withLock { state in state.log.note(request) ?? state.answer(request) }
    }

    /// All but the metadata service, which is asked over plain HTTP at an address of the link.
    public func move(to authority: String) {
        update { settings in
            settings.authorityHost = authority
            settings.registryHost = authority
        }
    }
}

extension EmbeddedAzure.State {
    mutating func answer(_ request: CloudRequest) -> CloudAnswer {
        guard request.isEncrypted != (request.path.hasPrefix("/metadata/")) else {
            return CloudAnswer(400, json: #"{"error":"scheme"}"#)
        }
        if request.path.hasSuffix("/oauth2/v2.0/token"), request.host == settings.authorityHost {
            return exchangeAssertion(request)
        }
        if request.path.hasPrefix("/metadata/"), request.host == settings.metadataHost {
            return identifyMachine(request)
        }
        if request.path.hasPrefix("/secrets/") || request.path.hasPrefix("/certificates/"),
            let vault = vaults[request.host]
        {
            return open(vault, request)
        }
        if request.path.hasPrefix("/oauth2/") || request.path.hasPrefix("/v2/"), request.host == settings.registryHost {
            return serveRegistry(request)
        }
        return CloudAnswer(404, json: #"{"error":"nothing is served at this host and path"}"#)
    }

    /// Whether the request has exactly these header fields besides `user-agent`.
    func hasOnly(_ names: Set<String>, _ request: CloudRequest) -> Bool {
        Set(request.headers.keys).subtracting(["user-agent"]) == names
    }

    mutating func issue(_ resource: String, kind: String, life: Int64) -> String {
        issued += 1
        // Looks like the real ones: three parts of base64url.
        let text = "eyJhbGciOiJub25lIn0.\(kind)-token-\(issued).c2lnbmF0dXJl"
        tokens[text] = EmbeddedAzure.IssuedToken(resource: resource, expires: seconds + life)
        return text
    }
}
