/// The labels of an object in the least memory: one block, in the order of their names.
///
/// For whoever keeps the labels of many objects; a dictionary takes about three times as much for a few of them.
/// Looking one up takes as long as there are labels, of which objects have few.
public struct LabelSet: Sendable, Hashable {
    /// Name, value, name, value and so on.
    private let parts: [String]

    /// Creates the set of `labels`.
    public init(_ labels: [String: String] = [:]) {
        parts = labels.isEmpty ? [] : labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    /// Whether there are none.
    public var isEmpty: Bool { parts.isEmpty }
    /// How many there are.
    public var count: Int { parts.count / 2 }

    /// The value of the label `name`; `nil` where there is none.
    public subscript(name: String) -> String? {
        for index in stride(from: 0, to: parts.count, by: 2) where parts[index] == name { return parts[index + 1] }
        return nil
    }
}

extension LabelSet: ExpressibleByDictionaryLiteral {
    /// Creates the set of the labels given; of those with the same name the last.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(Dictionary(elements) { _, last in last })
    }
}
