internal import JSONModel

/// An answer before it is sent.
struct RegistryAnswer: Sendable {
    var status: Int
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// What `Content-Length` says where it is not the length of `body`: the answer to HEAD.
    var announcedLength: Int?

    /// An error as distribution-spec, "Error Codes" has it.
    static func error(_ status: Int, _ code: String, _ message: String) -> RegistryAnswer {
        let error: JSONValue = .object(["code": .string(code), "message": .string(message)])
        return json(status, .object(["errors": .array([error])]))
    }

    static func json(
        _ status: Int,
        _ value: JSONValue,
        type: String = "application/json",
        headers: [(String, String)] = []
    ) -> RegistryAnswer {
        RegistryAnswer(
            status: status,
            headers: [("content-type", type)] + headers,
            body: JSONSerializer().bytes(value)
        )
    }

    mutating func setHeader(_ name: String, _ value: String?) {
        headers.removeAll { $0.0 == name.lowercased() }
        if let value { headers.append((name.lowercased(), value)) }
    }
}
