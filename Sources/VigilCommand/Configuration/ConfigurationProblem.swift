/// What is wrong with a setting, and where it was written.
struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where a setting was written.
    enum Source: Sendable, Hashable {
        /// In a file, at a place.
        case file(InputError.Site)
        /// As an environment variable.
        case variable(String)
        /// As a flag, with its dashes.
        case flag(String)
    }

    let source: Source
    /// What is there and what is allowed, without the place.
    let message: String

    init(_ source: Source, _ message: String) {
        self.source = source
        self.message = message
    }

    /// What cannot be used of a file as a whole.
    init(_ error: InputError, file: String) {
        self.init(.file(error.site ?? InputError.Site(file: file)), error.site == nil ? error.message : error.detail)
    }

    /// The setting, or what was written in its place, where that is known of a file.
    var key: String? {
        guard case .file(let site) = source else { return nil }
        return site.field
    }

    /// `file:line:column: key: message`, as compilers write it.
    var description: String {
        switch source {
        case .file(let site):
            let field = site.field.map { "\($0): " } ?? ""
            guard let place = Self.place(site) else { return "\(field)\(message)" }
            return message.hasPrefix(place) ? message : "\(place): \(field)\(message)"
        case .variable(let name): return "\(name): \(message)"
        case .flag(let name): return "\(name): \(message)"
        }
    }

    private static func place(_ site: InputError.Site) -> String? {
        guard !site.file.isEmpty else { return nil }
        return ([site.file] + [site.line, site.column].compactMap { $0.map(String.init) }).joined(separator: ":")
    }
}

/// Everything that is wrong with a configuration; never empty, and 64 at most.
struct ConfigurationProblems: Error, Sendable, Hashable {
    static let maximum = 64

    let all: [ConfigurationProblem]

    init(_ problems: [ConfigurationProblem]) { all = Array(problems.prefix(Self.maximum)) }

    /// All of them, one after the other.
    var summary: String { all.map(\.description).joined(separator: "; ") }
}
