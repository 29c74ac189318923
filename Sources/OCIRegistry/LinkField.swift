/// The `Link` fields of an answer (RFC 8288), as far as pagination needs them.
enum LinkField {
    /// The target of the link with the relation `next`; `nil` when there is none.
    ///
    /// - Throws: ``Malformed`` when a field breaks the grammar or two links claim to be next: a listing must not end
    ///   early because of a link that was not understood.
    static func next(_ fields: [String]) throws(Malformed) -> String? {
        var found: [String] = []
        for field in fields {
            var rest = Substring(field)
            guard field.utf8.count <= 16_384 else { throw Malformed() }
            while true {
                rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
                if rest.isEmpty { break }
                guard rest.hasPrefix("<"), let end = rest.firstIndex(of: ">") else { throw Malformed() }
                let target = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
                if try relations(&rest).contains("next") { found.append(String(target)) }
            }
        }
        guard found.count <= 1 else { throw Malformed() }
        return found.first
    }

    struct Malformed: Error {}

    /// Reads the parameters of one link and returns the words of its first `rel`, in lower case.
    private static func relations(_ rest: inout Substring) throws(Malformed) -> [String] {
        var relations: [String]?
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard rest.first == ";" else {
                guard rest.isEmpty || rest.first == "," else { throw Malformed() }
                return relations ?? []
            }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let name = rest.prefix { $0 != "=" && $0 != ";" && $0 != "," && $0 != " " }
            rest = rest[name.endIndex...]
            var value = Substring()
            if rest.first == "=" {
                rest = rest.dropFirst()
                if rest.first == "\"" {
                    rest = rest.dropFirst()
                    guard let quote = rest.firstIndex(of: "\"") else { throw Malformed() }
                    value = rest[..<quote]
                    rest = rest[rest.index(after: quote)...]
                } else {
                    value = rest.prefix { $0 != ";" && $0 != "," && $0 != " " }
                    rest = rest[value.endIndex...]
                }
            }
            if name.lowercased() == "rel", relations == nil {
                relations = value.lowercased().split(separator: " ").map { String($0) }
            }
        }
    }
}
