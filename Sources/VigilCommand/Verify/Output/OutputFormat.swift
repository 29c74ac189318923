import ArgumentParser

/// How a report is written.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// For people.
    case table
    /// For programs.
    case json
    /// The same as `json`, as YAML.
    case yaml
}
