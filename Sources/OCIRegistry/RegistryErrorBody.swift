internal import JSONModel
internal import OutboundHTTP

/// What a registry says about a failure (distribution-spec, "Error Codes"), as far as it can be read.
struct RegistryErrorBody: Sendable, Hashable {
    /// The codes, such as `NAME_UNKNOWN`; at most 8.
    let codes: [String]
    /// The first message, printable, at most 200 characters.
    let message: String?

    init(_ body: [UInt8]) {
        let parser = JSONParser(limits: JSONLimits(maximumBytes: 64 << 10, maximumDepth: 16, maximumValues: 10_000))
        let errors = (try? parser.parse(body))?["errors"]?.array ?? []
        codes = errors.prefix(8).compactMap { $0["code"]?.string }.map { URLRedaction.printable($0, limit: 40) }
        message = errors.lazy.compactMap { $0["message"]?.string }.first { !$0.isEmpty }
            .map { URLRedaction.printable($0, limit: 200) }
    }

    /// The code and the message for the end of a sentence; empty when the registry said nothing readable.
    var words: String {
        [codes.first, message].compactMap { $0 }.joined(separator: ": ")
    }
}
