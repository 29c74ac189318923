/// The token that asks for the next page of a list.
public enum ContinueToken {
    /// Refuses a page that asks for itself once more: a server that ignores the token would be asked for ever.
    ///
    /// - Parameters:
    ///   - next: the token of the page; `nil` or empty for the last one.
    ///   - token: the one that the page was asked for with; `nil` for the first page.
    /// - Throws: ``APIError`` with code `malformedResponse`.
    public static func check(_ next: String?, after token: String?) throws(APIError) {
        guard let next, !next.isEmpty, next == token else { return }
        throw APIError(
            .malformedResponse,
            httpStatus: 200,
            message: "the server gave the same continue token for two pages of a list"
        )
    }
}
