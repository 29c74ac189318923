/// A request as it arrived.
public struct CloudRequest: Sendable, Hashable {
    /// The method.
    public var method: String
    /// Whether it came over TLS.
    public var isEncrypted: Bool
    /// The `Host` field.
    public var host: String
    /// Path and query.
    public var target: String
    /// Header fields by names in lower case, without those that HTTP itself needs.
    public var headers: [String: String]
    /// The body.
    public var body: [UInt8]

    /// Creates a request.
    public init(
        method: String,
        isEncrypted: Bool,
        host: String,
        target: String,
        headers: [String: String],
        body: [UInt8]
    ) {
        self.method = method
        self.isEncrypted = isEncrypted
        self.host = host
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The path alone.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The query, decoded; `nil` when an item occurs twice or is malformed.
    var query: [String: String]? {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        return FormFields.read(target[target.index(after: mark)...])
    }
}

/// An answer.
public struct CloudAnswer: Sendable, Hashable {
    /// The status.
    public var status: Int
    /// Header fields.
    public var headers: [String: String]
    /// The body.
    public var body: [UInt8]

    /// Creates an answer with a body of JSON.
    public init(_ status: Int, headers: [String: String] = [:], json: String = "") {
        self.status = status
        var headers = headers
        if !json.isEmpty { headers["content-type"] = "application/json; charset=utf-8" }
        self.headers = headers
        body = Array(json.utf8)
    }

    /// Creates an answer with a body of XML.
    public init(_ status: Int, xml: String) {
        self.status = status
        headers = ["content-type": "text/xml"]
        body = Array(xml.utf8)
    }
}

/// Fields of a form or a query, read strictly: each once, percent-encoded, nothing left over.
enum FormFields {
    static func read(_ text: some StringProtocol) -> [String: String]? {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = decode(parts[0]), let value = decode(parts[1]), fields[name] == nil
            else { return nil }
            fields[name] = value
        }
        return fields
    }

    private static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
