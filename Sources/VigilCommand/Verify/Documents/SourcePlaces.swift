import Yams

/// Where the values of a file stand, by their paths: `spec.authorities[0].notary.level`.
///
/// JSON is read as the YAML that it nearly is; of a file that cannot be read no place is known.
struct SourcePlaces: Sendable {
    /// A line and a column, both from 1.
    struct Place: Sendable, Hashable {
        var line: Int
        var column: Int
    }

    /// The places of each document, by path; a member stands where its key does.
    private var documents: [[String: Place]] = []

    /// The longest path that is remembered, in bytes; values behind longer ones stand where the nearest known does.
    static let longestPath = 1024

    /// Reads `text`, which a strict reader has accepted before: aliases that stand for too much are refused there.
    init(_ text: String) {
        guard let parser = try? Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8) else { return }
        var remaining = InputLimits.values
        while documents.count < InputLimits.documents, let root = try? parser.nextRoot() {
            var places: [String: Place] = [:]
            Self.collect(root, path: "", depth: 0, into: &places, &remaining)
            documents.append(places)
        }
    }

    /// The place of `path` in document `number` (from 1), or of the nearest value around it.
    func place(of path: String, inDocument number: Int) -> Place? {
        guard documents.indices.contains(number - 1) else { return nil }
        let places = documents[number - 1]
        var path = path[...]
        while true {
            if let place = places[String(path)] { return place }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return places[""] }
            path = path[..<end]
        }
    }

    private static func collect(
        _ node: Node,
        path: String,
        depth: Int,
        into places: inout [String: Place],
        _ remaining: inout Int
    ) {
        remaining -= 1
        guard remaining >= 0, depth <= InputLimits.valueDepth, path.utf8.count <= longestPath else { return }
        if places[path] == nil, let mark = node.mark { places[path] = Place(line: mark.line, column: mark.column) }
        switch node {
        case .scalar, .alias: return
        case .sequence(let sequence):
            for (index, element) in sequence.enumerated() {
                collect(element, path: "\(path)[\(index)]", depth: depth + 1, into: &places, &remaining)
            }
        case .mapping(let mapping):
            for (key, value) in mapping {
                guard let name = key.scalar?.string, name.utf8.count <= longestPath else { continue }
                let inner = path.isEmpty ? name : "\(path).\(name)"
                if let mark = key.mark {
                    let place = Place(line: mark.line, column: mark.column)
                    // Schemas write the keys of free maps, such as labels, in brackets.
                    places[inner] = place
                    places["\(path)[\(name)]"] = place
                }
                collect(value, path: inner, depth: depth + 1, into: &places, &remaining)
            }
        }
    }
}
