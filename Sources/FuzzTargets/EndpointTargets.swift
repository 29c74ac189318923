import HTTPTypes

@testable import OperatorEndpoints

/// What clients of the operator's own endpoints send.
enum EndpointTargets {
    static let all: [DecoderTarget] = [
        .text("bearer-header", bearer),
        .text("images-query", query),
    ]

    private static func bearer(_ text: String) throws {
        var headers: HTTPFields = [.authorization: text]
        let read = BearerToken(headers)
        guard case .token(let token) = read else {
            try demand(read == .malformed, "a header is there")
            return
        }
        try demand((1...BearerToken.maximumBytes).contains(token.utf8.count), "a token's length is bounded")
        try demand(token.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a token holds no spaces and signs")
        // A password is written in base64; what may not stand in a header is taken out before it is read.
        let isPassword = text.lowercased().contains("basic")
        try demand(isPassword || text.contains(token), "a token is what was sent")
        try demand(BearerToken([.authorization: "Bearer \(token)"]) == read, "a token is read as itself")
        headers.append(HTTPField(name: .authorization, value: "Bearer other"))
        try demand(BearerToken(headers) == .malformed, "of two headers none counts")
    }

    /// Parameters, one a line.
    private static func query(_ text: String) throws {
        let parameters = text.split(separator: "\n").map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
        let query: ImagesQuery
        do throws(ImagesQuery.Refusal) {
            query = try ImagesQuery(parameters)
        } catch {
            try demand(error.message.utf8.count <= 1024, "a sentence is short")
            return
        }
        try demand((1...ImagesQuery.maximumLimit).contains(query.limit), "a page has bounds")
        guard let position = query.position else { return }
        try demand(position.order == query.order, "a position is one in the order that is asked for")
        try demand(ImagePosition(token: position.token) == position, "a position can be written and read again")
    }
}
