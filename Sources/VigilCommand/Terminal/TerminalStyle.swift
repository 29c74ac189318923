/// The few colours in use, each with the sequence that selects it (ECMA-48, SGR).
enum TerminalStyle: String, Sendable {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
    case faint = "2"

    /// `text` in this colour, if colours are wanted.
    func applied(to text: String, if isWanted: Bool) -> String {
        isWanted ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
