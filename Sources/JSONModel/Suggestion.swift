/// The word somebody probably meant, for messages about misspelt members and values.
public enum Suggestion {
    /// ` (did you mean …?)`, or nothing when no candidate is near.
    ///
    /// Texts over 64 bytes are not looked at.
    ///
    /// - Parameters:
    ///   - word: what was written.
    ///   - candidates: what could have been meant.
    /// - Returns: a text to append to a message.
    public static func text(for word: String, among candidates: [String]) -> String {
        guard word.utf8.count <= 64 else { return "" }
        let near = candidates.map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
        guard let near, near.1 <= max(1, near.0.utf8.count / 3) else { return "" }
        return " (did you mean \(near.0)?)"
    }

    /// How many letters must be added, removed, replaced or swapped with their neighbour, ignoring case.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var rows = [Array(0...right.count)]
        for (line, letter) in left.enumerated() {
            let row = rows[line]
            var next = [line + 1]
            for (column, other) in right.enumerated() {
                var least = min(row[column] + (letter == other ? 0 : 1), row[column + 1] + 1, next[column] + 1)
                if line > 0, column > 0, letter == right[column - 1], left[line - 1] == other {
                    least = min(least, rows[line - 1][column - 1] + 1)
                }
                next.append(least)
            }
            rows.append(next)
        }
        return rows.last?.last ?? 0
    }
}
