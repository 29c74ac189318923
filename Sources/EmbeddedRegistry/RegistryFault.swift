/// A way in which a registry misbehaves, and for whom.
public struct RegistryFault: Sendable {
    /// What happens instead of, or to, the right answer.
    public enum Effect: Sendable {
        /// The request is taken and never answered.
        case hang
        /// The head and half of the body are sent, and nothing more; the connection stays open.
        case hangMidway
        /// The connection is closed without an answer.
        case close
        /// The connection is reset (RST) without an answer.
        case reset
        /// The head and half of the body are sent, and then the connection is reset.
        case resetMidway
        /// Only this many bytes of the body are sent before the connection is closed; the length announces all.
        case truncate(after: Int)
        /// The body is sent byte by byte with a pause between.
        case drip(every: Duration)
        /// This many bytes are sent behind the body, announced by the length or not.
        case oversize(by: Int, isAnnounced: Bool)
        /// Another body with a right length is sent.
        case replaceBody([UInt8])
        /// A header field is set, or removed with `nil`.
        case setHeader(String, String?)
        /// Another answer is given.
        case answer(status: Int, headers: [(String, String)] = [], body: [UInt8] = [])
        /// These bytes are sent instead of HTTP, and the connection is closed.
        case raw([UInt8])
        /// These bytes are sent instead of HTTP, and then the others again and again, as fast as they are taken, until the
        /// caller closes the connection.
        case endless([UInt8], then: [UInt8])
    }

    /// The method it concerns; `nil` for all.
    public var method: String?
    /// What the request target must contain.
    public var target: String
    /// How often it happens; `nil` for always.
    public var times: Int?
    /// What happens.
    public var effect: Effect

    /// Creates a fault.
    public init(_ effect: Effect, target: String, method: String? = nil, times: Int? = nil) {
        self.effect = effect
        self.target = target
        self.method = method
        self.times = times
    }

    /// An answer with an error body as registries send it.
    public static func error(_ status: Int, code: String, message: String = "", headers: [(String, String)] = [])
        -> Effect
    {
        let answer = RegistryAnswer.error(status, code, message)
        return .answer(status: status, headers: answer.headers + headers, body: answer.body)
    }

    /// A redirect.
    public static func redirect(to location: String, status: Int = 307) -> Effect {
        .answer(status: status, headers: [("location", location)])
    }

    func concerns(_ request: RecordedRequest) -> Bool {
        (method == nil || method == request.method) && request.target.contains(target) && times != 0
    }
}
