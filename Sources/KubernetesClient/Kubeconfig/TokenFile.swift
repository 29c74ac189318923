/// Reads a file that holds a bearer token.
enum TokenFile {
    static func read(_ path: String) throws(ClusterConfigurationError) -> String {
        let bytes: [UInt8]
        do throws(LocalFile.Failure) {
            bytes = try LocalFile.read(path, limit: 64 << 10)
        } catch {
            switch error {
            case .missing: throw ClusterConfigurationError(.unreadable, "the token file \(path) does not exist")
            case .unreadable(let cause):
                throw ClusterConfigurationError(.unreadable, "the token file \(path) cannot be read: \(cause)")
            }
        }
        return try checked(String(decoding: bytes, as: UTF8.self), "the token file \(path)")
    }

    /// A token without the white space around it.
    ///
    /// - Parameters:
    ///   - text: what is there in place of a token.
    ///   - what: where that is.
    /// - Returns: the token.
    /// - Throws: ``ClusterConfigurationError`` with code `malformed`, which shows nothing of it.
    static func checked(_ text: String, _ what: String) throws(ClusterConfigurationError) -> String {
        let token = text.trimmed
        guard !token.isEmpty else { throw ClusterConfigurationError(.malformed, "\(what) is empty") }
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ClusterConfigurationError(.malformed, "\(what) holds characters no token has")
        }
        return token
    }
}

extension String {
    /// The text without white space around it.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
