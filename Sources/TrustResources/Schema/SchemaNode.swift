public import JSONModel

/// One node of a structural schema (apiextensions.k8s.io/v1), as a value: the definition, the validator and the
/// defaults are all made from it.
public struct SchemaNode: Sendable, Hashable {
    /// What values look like.
    public enum Shape: Sendable, Hashable {
        /// An object with these members and no others.
        case object([SchemaProperty])
        /// An object with free keys.
        indirect case map(values: SchemaNode, maximumCount: Int)
        /// A list.
        indirect case array(items: SchemaNode, count: ClosedRange<Int>, kind: ListKind)
        /// A text.
        case string(StringRules)
        /// A whole number.
        case integer(ClosedRange<Int64>)
    }

    /// How lists are merged by server-side apply (`x-kubernetes-list-type`).
    public enum ListKind: Sendable, Hashable {
        /// As one value.
        case atomic
        /// Entry by entry; no entry twice.
        case set
        /// Entry by entry, told apart by these members; no key twice.
        case map(keys: [String])
    }

    /// What a text must be.
    ///
    /// Lengths count Unicode scalars, as the API server does.
    public struct StringRules: Sendable, Hashable {
        /// The length.
        public var length: ClosedRange<Int>
        /// A regular expression, anchored at both ends.
        public var pattern: String?
        /// The only values, where there is a choice.
        public var values: [String]?
        /// Whether it is an RFC 3339 time.
        public var isTime: Bool
    }

    /// What values look like.
    public var shape: Shape
    /// What it is, for people; bounds, default and example are added from the node itself.
    public var text: String
    /// What stands there when nothing is written.
    public var defaultValue: JSONValue?
    /// A value somebody could write, as text.
    public var example: String?
    /// Rules across members.
    public var rules: [SchemaRule]

    /// Creates a node.
    init(
        _ shape: Shape,
        _ text: String,
        default defaultValue: JSONValue? = nil,
        example: String? = nil,
        rules: [SchemaRule] = []
    ) {
        self.shape = shape
        self.text = text
        self.defaultValue = defaultValue
        self.example = example
        self.rules = rules
    }
}

/// A member of an object.
public struct SchemaProperty: Sendable, Hashable {
    /// The member's name.
    public let name: String
    /// What it holds.
    public let node: SchemaNode
    /// Whether it must be there.
    public let isRequired: Bool

    /// A member that may be left out.
    static func optional(_ name: String, _ node: SchemaNode) -> SchemaProperty {
        SchemaProperty(name: name, node: node, isRequired: false)
    }

    /// A member that must be there.
    static func required(_ name: String, _ node: SchemaNode) -> SchemaProperty {
        SchemaProperty(name: name, node: node, isRequired: true)
    }
}

/// A rule that the API server evaluates (`x-kubernetes-validations`, Common Expression Language).
public struct SchemaRule: Sendable, Hashable {
    /// The expression over `self`.
    public let expression: String
    /// What is told when it is false.
    public let message: String
}

// MARK: - Shorthand

extension SchemaNode {
    /// An object with fixed members.
    static func object(_ text: String, _ properties: [SchemaProperty], rules: [SchemaRule] = []) -> SchemaNode {
        SchemaNode(.object(properties), text, rules: rules)
    }

    /// An object of texts with free keys.
    static func texts(
        _ text: String,
        maximumCount: Int,
        length: ClosedRange<Int>,
        example: String? = nil
    ) -> SchemaNode {
        let values = SchemaNode(.string(StringRules(length: length, isTime: false)), "")
        return SchemaNode(.map(values: values, maximumCount: maximumCount), text, example: example)
    }

    /// A list.
    static func list(
        _ text: String,
        of items: SchemaNode,
        count: ClosedRange<Int>,
        kind: ListKind = .atomic,
        rules: [SchemaRule] = []
    ) -> SchemaNode {
        SchemaNode(.array(items: items, count: count, kind: kind), text, rules: rules)
    }

    /// A text.
    static func string(
        _ text: String,
        length: ClosedRange<Int>,
        pattern: String? = nil,
        default defaultValue: String? = nil,
        example: String? = nil
    ) -> SchemaNode {
        let rules = StringRules(length: length, pattern: pattern, isTime: false)
        return SchemaNode(.string(rules), text, default: defaultValue.map(JSONValue.string), example: example)
    }

    /// A choice of words.
    static func choice(_ text: String, _ values: [String], default defaultValue: String? = nil) -> SchemaNode {
        let longest = values.map(\.unicodeScalars.count).max() ?? 0
        let rules = StringRules(length: 0...longest, values: values, isTime: false)
        return SchemaNode(.string(rules), text, default: defaultValue.map(JSONValue.string))
    }

    /// An RFC 3339 time.
    static func time(_ text: String, example: String? = nil) -> SchemaNode {
        SchemaNode(.string(StringRules(length: 20...35, isTime: true)), text, example: example)
    }

    /// A whole number.
    static func integer(_ text: String, _ range: ClosedRange<Int64> = 0...Int64(Int32.max)) -> SchemaNode {
        SchemaNode(.integer(range), text)
    }

    /// The member called `name` of an object.
    public subscript(name: String) -> SchemaNode? {
        guard case .object(let properties) = shape else { return nil }
        return properties.first { $0.name == name }?.node
    }
}
