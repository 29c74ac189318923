/// Reads JSON (RFC 8259) strictly and within limits: one value, nothing after it, no duplicate members unless asked for.
public struct JSONParser: Sendable {
    /// What to do with a member that occurs twice in one object.
    public enum DuplicateKeys: Sendable {
        /// Refuse the document. The choice for everything whose meaning is signed or decides trust.
        case refused
        /// Keep the later value, as kube-apiserver does, and report the paths.
        case lastWins
    }

    /// What the document may cost.
    public var limits: JSONLimits
    /// What happens to duplicate members.
    public var duplicateKeys: DuplicateKeys

    /// Creates a parser.
    public init(limits: JSONLimits = .standard, duplicateKeys: DuplicateKeys = .refused) {
        self.limits = limits
        self.duplicateKeys = duplicateKeys
    }

    /// Reads one document.
    ///
    /// - Throws: ``JSONError`` for anything that is not exactly one JSON value within the limits.
    public func parse(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        var ignored: [String] = []
        return try parse(bytes, duplicates: &ignored)
    }

    /// Reads one document and appends to `duplicates` the path (`spec.color`, `spec.list[2].name`) of each repeated member.
    ///
    /// - Throws: ``JSONError`` for anything that is not exactly one JSON value within the limits.
    public func parse(
        _ bytes: some Collection<UInt8>,
        duplicates: inout [String]
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.maximumBytes else {
            throw JSONError(.limitExceeded("more than \(limits.maximumBytes) bytes"), offset: limits.maximumBytes)
        }
        var found: [String] = []
        var failure: JSONError?
        let run: (UnsafeBufferPointer<UInt8>) -> JSONValue? = { buffer in
            var reader = JSONTreeReader(buffer: buffer, limits: limits, refusesDuplicates: duplicateKeys == .refused)
            do throws(JSONError) {
                let value = try reader.document()
                found = reader.duplicates
                return value
            } catch {
                failure = error
                return nil
            }
        }
        let value = bytes.withContiguousStorageIfAvailable(run) ?? Array(bytes).withUnsafeBufferPointer(run)
        duplicates.append(contentsOf: found)
        guard let value else { throw failure ?? JSONError(.unexpectedEnd, offset: 0) }
        return value
    }
}
