/// The header fields of a request or an answer, in order; names are compared without regard to case (RFC 9110 §5).
public struct HeaderFields: Sendable, Hashable {
    /// One field line; the name is in lower case.
    public struct Field: Sendable, Hashable {
        /// The name, in lower case.
        public let name: String
        /// The value as sent, without the space around it.
        public let value: String
    }

    /// The lines, in order.
    public private(set) var fields: [Field] = []

    /// Creates an empty list.
    public init() {}

    /// Creates a list of names and values.
    public init(_ pairs: some Sequence<(String, String)>) {
        for (name, value) in pairs { append(name, value) }
    }

    /// Adds a line, after those of the same name.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name.lowercased(), value: value))
    }

    /// The values of a name, in order.
    public func values(_ name: String) -> [String] {
        let name = name.lowercased()
        return fields.lazy.filter { $0.name == name }.map(\.value)
    }

    /// The value of a name, lines joined by `, ` (RFC 9110 §5.3).
    ///
    /// Setting replaces every line of the name.
    public subscript(_ name: String) -> String? {
        get {
            let found = values(name)
            return found.isEmpty ? nil : found.joined(separator: ", ")
        }
        set {
            let name = name.lowercased()
            fields.removeAll { $0.name == name }
            if let newValue { append(name, newValue) }
        }
    }

    /// Names and joined values, as ``subscript(_:)`` gives them.
    public var dictionary: [String: String] {
        fields.reduce(into: [:]) { result, field in
            result[field.name] = result[field.name].map { "\($0), \(field.value)" } ?? field.value
        }
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    /// Creates a list of names and values, in order.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }
}
