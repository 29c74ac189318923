public import JSONModel

/// Makes of an object what is worth keeping, while it is read, so that the object itself never exists.
///
/// The members of an object come in any order, and may come twice, of which the later counts. What a projection does
/// not read is skipped; the managed fields of an object, often half of it, are never looked at.
public protocol ObjectProjection<Value>: Sendable {
    /// What is kept.
    associatedtype Value: Sendable
    /// What is known while an object is read.
    associatedtype Draft

    /// The beginning of an object.
    func draft() -> Draft

    /// Reads a member of `metadata`, beside those of ``ObjectHeader``.
    ///
    /// - Parameters:
    ///   - name: the member's name.
    ///   - reader: stands before its value.
    ///   - draft: takes what is read.
    /// - Returns: whether the value was read; one that was not is skipped.
    /// - Throws: `JSONError`, or anything else that makes the object unreadable.
    func readMetadata(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Draft) throws -> Bool

    /// Reads a member of the object, beside `kind` and `metadata`.
    ///
    /// - Parameters:
    ///   - name: the member's name.
    ///   - reader: stands before its value.
    ///   - draft: takes what is read.
    /// - Returns: whether the value was read; one that was not is skipped.
    /// - Throws: `JSONError`, or anything else that makes the object unreadable.
    func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Draft) throws -> Bool

    /// The end of an object.
    ///
    /// - Parameters:
    ///   - draft: what was read.
    ///   - header: the object's.
    /// - Returns: what is kept.
    /// - Throws: anything that makes the object unreadable.
    func value(_ draft: Draft, _ header: ObjectHeader) throws -> Value
}

extension ObjectProjection {
    /// Reads nothing.
    public func readMetadata(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Draft) throws -> Bool {
        false
    }
}
