/// How a line of the log is written.
enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// For people.
    case text
    /// One JSON object a line, for programs.
    case json
}
