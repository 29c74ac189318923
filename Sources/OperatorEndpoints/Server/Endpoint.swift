import HTTPTypes

/// What is served at one path, for GET and HEAD.
struct Endpoint: Sendable {
    /// What a client asked for besides the path.
    struct Query: Sendable {
        /// The parameters of the query, in order.
        var parameters: [(name: String, value: String)] = []
        /// The header `Accept`.
        var accept: String?
        /// The header `If-None-Match`.
        var ifNoneMatch: String?

        /// The values of a parameter.
        func values(_ name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

        /// Whether a parameter is there, with or without a value.
        func has(_ name: String) -> Bool { parameters.contains { $0.name == name } }
    }

    /// The answer.
    struct Answer: Sendable {
        var status: HTTPResponse.Status = .ok
        var contentType = Answer.plainText
        /// Headers besides those that every answer has.
        var headers: HTTPFields = [:]
        var body: [UInt8]

        static let plainText = "text/plain; charset=utf-8"
    }

    /// The whole path.
    let path: String
    /// Whether anybody may read it, even where a token is asked for: what probes ask.
    var isOpen = false
    /// The path that its reader must be allowed to get, where that is not ``path`` itself.
    ///
    /// Nothing below `/api` and `/apis` may be its own right: the role system:discovery lets every user get them all.
    var right: String?
    /// Answers a request; must be quick.
    let answer: @Sendable (Query) async -> Answer
}
