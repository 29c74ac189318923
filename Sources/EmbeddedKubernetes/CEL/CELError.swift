/// Why an expression was refused, or why its evaluation stopped.
struct CELError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One phrase: `undefined field 'colour'`, `no such key: colour`.
    var description: String

    init(_ description: String) { self.description = description }
}
