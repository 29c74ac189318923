internal import JSONModel
public import KubernetesAPI

/// What goes wrong with a request that a ``FaultRule`` concerns.
///
/// Those in "On the way" and "In the server" happen once, when the request is served. Those in "In the answer" shape
/// the body; a rule that is added while a watch is open shapes what that watch sends from then on, and one that is
/// removed stops doing so.
public enum FaultAction: Sendable {
    // MARK: On the way

    /// The request reaches the server later.
    case delay(Duration)
    /// The request reaches the server later, by a random time from the plan's seed.
    case jitter(ClosedRange<Duration>)
    /// The connection cannot be made.
    case refuseConnection
    /// The connection breaks before the server acts, or after it did: then the client cannot know which.
    case reset(FaultMoment)
    /// Nobody answers, until the client gives up or the rule is removed.
    ///
    /// Before the commit, the request is lost on the way; after it, the answer is.
    case blackHole(FaultMoment, whenHealed: AfterHealing = .reset)

    // MARK: In the server

    /// An answer takes the server's place; nothing is committed.
    case respond(APIResponse)
    /// HTTP 410 with a token for the inconsistent rest, as for a `continue` that is too old; concerns only requests
    /// that carry one.
    case expireContinueToken
    /// Reads (GET, LIST, the first state of a watch) show the cluster as it was some changes ago.
    case serveStale(versionsBehind: Int64)
    /// Reads show the cluster as it was at a resource version.
    case serveAt(resourceVersion: Int64)

    // MARK: In the answer

    /// The body ends early: after so many bytes.
    case truncate(atByte: Int, StreamEnd = .reset)
    /// The body arrives in other pieces.
    case split(SplitPlan)
    /// The body arrives slowly.
    case drip(bytesPerSecond: Int)
    /// Something that does not belong there, after so many events of this watch since the rule took hold.
    case interject(Interjection, afterEvents: Int = 0)
    /// The watch ends, after so many events since the rule took hold.
    case end(StreamEnd, afterEvents: Int = 0)
    /// No byte and no end any more, after so many events since the rule took hold; removing the rule lets the rest
    /// through.
    case freeze(afterEvents: Int = 0)
    /// Events are kept back, with all that follow them, until the rule is removed.
    case withholdEvents(EventMatch = .everything)
    /// Events are lost without a trace.
    case dropEvents(EventMatch)
    /// Events arrive twice.
    case duplicateEvents(EventMatch = .everything)
    /// Bookmarks are lost, except the one that ends the first state.
    case suppressBookmarks
}

/// When something happens, seen from the server's commit.
public enum FaultMoment: Sendable, Hashable {
    case beforeCommit
    case afterCommit
}

/// What becomes of a request in a black hole when the rule is removed.
public enum AfterHealing: Sendable, Hashable {
    /// The connection breaks.
    case reset
    /// It goes on where it was held up: TCP sends again what was lost.
    case proceed
}

/// How a body ends.
public enum StreamEnd: Sendable, Hashable {
    /// As a body ends that is complete.
    case endOfFile
    /// The connection breaks.
    case reset
}

/// Something in a watch that is no event of an object.
public enum Interjection: Sendable, Hashable {
    /// An ERROR event that carries a Status, after which the server ends the watch.
    case errorEvent(code: Int, reason: String, message: String = "injected")
    /// A line that is no JSON.
    case garbageLine
    /// A page of HTML, as a proxy sends it, and the end of the watch.
    case htmlPage
    /// A line of so many bytes.
    case oversizeLine(bytes: Int)
    /// Bytes as they are.
    case bytes([UInt8])

    /// `too old resource version`: what a watch gets whose history was compacted.
    public static let expired = Interjection.errorEvent(
        code: 410,
        reason: "Expired",
        message: "too old resource version: injected"
    )

    var content: [UInt8] {
        switch self {
        case .errorEvent(let code, let reason, let message):
            return WatchHub.line("ERROR", APIFailure(code, reason, message).status)
        case .garbageLine: return Array("}{ no JSON \u{1F4A5}\n".utf8)
        case .htmlPage: return Array(Self.page.utf8)
        case .oversizeLine(let bytes): return [UInt8](repeating: UInt8(ascii: "x"), count: max(0, bytes - 1)) + [0x0A]
        case .bytes(let bytes): return bytes
        }
    }

    var endsStream: Bool {
        switch self {
        case .errorEvent, .htmlPage: true
        case .garbageLine, .oversizeLine, .bytes: false
        }
    }

    static let page = """
        <html>
        <head><title>502 Bad Gateway</title></head>
        <body><center><h1>502 Bad Gateway</h1></center><hr><center>proxy</center></body>
        </html>

        """
}

extension FaultAction {
    /// A refusal with a `Status` body, worded as the API server's.
    ///
    /// - Parameters:
    ///   - code: the HTTP status code.
    ///   - reason: the reason of the `Status`: `TooManyRequests`, `Forbidden`, `Expired`.
    ///   - message: its message.
    ///   - retryAfter: whole seconds for the `Retry-After` header.
    ///   - causes: the reasons of `details.causes`.
    /// - Returns: the action.
    public static func status(
        _ code: Int,
        _ reason: String,
        _ message: String = "injected",
        retryAfter: Int? = nil,
        causes: [String] = []
    ) -> FaultAction {
        var failure = APIFailure(code, reason, message, retryAfter: retryAfter)
        if !causes.isEmpty {
            failure.details = [
                "causes": .array(causes.map { ["reason": .string($0), "message": .string(message)] })
            ]
        }
        return .respond(EmbeddedCluster.response(failure))
    }

    /// A refusal in plain text, as of a path that nobody serves or of something in front of the server.
    public static func text(_ code: Int, _ text: String, retryAfter: Int? = nil) -> FaultAction {
        var response = EmbeddedCluster.text(code, text)
        if let retryAfter { response.headers["retry-after"] = String(retryAfter) }
        return .respond(response)
    }

    /// A page of HTML, as a proxy sends it.
    public static func html(_ code: Int = 502) -> FaultAction {
        var response = EmbeddedCluster.text(code, Interjection.page)
        response.headers["content-type"] = "text/html"
        return .respond(response)
    }

    /// HTTP 410 `Expired`, as for a list at a resource version that is too old.
    public static let gone = FaultAction.status(410, "Expired", "The resourceVersion for the provided list is too old.")
}
