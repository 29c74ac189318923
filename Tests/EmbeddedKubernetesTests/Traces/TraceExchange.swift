import FoundationEssentials
import JSONModel
import Testing

/// One recorded exchange with a real API server.
struct TraceExchange: Sendable {
    var file: String
    var index: Int
    var method: String
    var path: String
    var headers: [String: String]
    var body: [UInt8]?
    var status: Int
    var responseHeaders: [String: String]
    /// Text bodies; `nil` for protobuf ones.
    var responseText: String?
    var responseBytes: [UInt8]?
    var isWatch: Bool

    init?(file: String, _ value: JSONValue) {
        guard let index = value["index"]?.integer, let method = value["method"]?.string,
            let path = value["path"]?.string, let status = value["status"]?.integer
        else { return nil }
        self.file = file
        self.index = Int(index)
        self.method = method
        self.path = path
        self.status = Int(status)
        headers = Self.headers(value["requestHeaders"])
        responseHeaders = Self.headers(value["responseHeaders"])
        body = Self.bytes(value["requestBody"])
        isWatch = value["watch"]?.bool ?? false
        responseText = value["responseBody"]?.string
        responseBytes = Self.bytes(value["responseBody"])
    }

    private static func headers(_ value: JSONValue?) -> [String: String] {
        var headers: [String: String] = [:]
        for (name, value) in value?.object ?? [:] { headers[name.lowercased()] = value.string ?? "" }
        return headers
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        if let text = value?.string { return Array(text.utf8) }
        return value?["base64"]?.string.flatMap { Data(base64Encoded: $0) }.map(Array.init)
    }

    var identity: String { "\(file)#\(index)" }
    var title: String { "\(identity) \(method) \(path.prefix(140))" }
    var isCurl: Bool {
        headers["accept"] == nil || headers["accept"] == "*/*"
            || headers["accept"]?.hasPrefix("application/json;as=PartialObject") == true
    }
}

/// The recorded exchanges, and the ones known not to agree.
enum TraceFixtures {
    static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/Fixtures/kube-api-traces"
    }()

    static func exchanges() throws -> [TraceExchange] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jsonl") }
            .map { String($0.dropLast(".jsonl".count)) }.sorted()
        return try names.flatMap { name -> [TraceExchange] in
            let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name).jsonl"))
            return try data.split(separator: 0x0A).map { line in
                try #require(TraceExchange(file: name, try JSONParser().parse(Array(line))), "\(name) has an odd line")
            }
        }
    }

    /// Whom `kubectl --as` acted for: the recording proxy left the impersonation headers out.
    static func impersonated(_ exchange: TraceExchange) -> String? {
        exchange.file == "12-rbac-setup" && exchange.index > 16 ? "system:serviceaccount:shop:checker" : nil
    }

    /// Reasons by exchange.
    static func knownGaps() throws -> [String: String] {
        let data = try Data(contentsOf: URL(filePath: "\(folder)/known-gaps.json"))
        var gaps: [String: String] = [:]
        for entry in try JSONParser().parse(Array(data)).array ?? [] {
            guard let file = entry["file"]?.string, let index = entry["index"]?.integer,
                let reason = entry["reason"]?.string
            else { continue }
            gaps["\(file)#\(index)"] = reason
        }
        return gaps
    }
}
