import FoundationEssentials

/// The value of HTTP basic authentication (RFC 7617).
enum BasicCredential {
    static func encode(username: String, password: String) -> String {
        Data("\(username):\(password)".utf8).base64EncodedString()
    }
}
