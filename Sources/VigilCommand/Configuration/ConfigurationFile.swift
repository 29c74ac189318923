import JSONModel

/// What one file sets, each value of the type of its setting.
///
/// The file is YAML (or JSON) with groups of settings. A key that is no setting, a value outside its bounds, a key written
/// twice and anything that is not UTF-8 are refused; so are files of more than ``maximumBytes`` and more than
/// ``maximumValues`` values, those behind aliases counted each time they are named.
struct ConfigurationFile: Sendable, Hashable {
    /// A value and where it stands.
    struct Assignment: Sendable, Hashable {
        let value: SettingValue
        let site: InputError.Site
    }

    /// The largest file that is read, in bytes.
    static let maximumBytes = 64 << 10
    /// The most values in a file.
    static let maximumValues = 2_000

    /// The file's name.
    let name: String
    /// What it sets, by key.
    let assignments: [String: Assignment]

    /// Reads a file; one without any setting is fine.
    ///
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - name: its name, for messages.
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong, in the order of the lines.
    init(_ bytes: [UInt8], name: String) throws(ConfigurationProblems) {
        let documents: [SourceDocument]
        do throws(InputError) {
            guard bytes.count <= Self.maximumBytes else {
                throw InputError(at: InputError.Site(file: name), "is larger than \(Self.maximumBytes) bytes")
            }
            let file = InputFiles.File(name: name, bytes: bytes, isNamed: true)
            documents = try DocumentReader.read(file, maximumValues: Self.maximumValues)
        } catch {
            throw ConfigurationProblems([ConfigurationProblem(error, file: name)])
        }
        try self.init(documents, bytes: bytes, name: name)
    }

    private init(
        _ documents: [SourceDocument],
        bytes: [UInt8],
        name: String
    ) throws(ConfigurationProblems) {
        self.name = name
        guard let document = documents.first else {
            assignments = [:]
            return
        }
        let text = String(decoding: DocumentReader.withoutByteOrderMark(bytes), as: UTF8.self)
        var reader = Reader(name: name, number: document.number, places: SourcePlaces(text))
        if documents.count > 1 {
            reader.report("", "has \(documents.count) documents (parts between lines of ---); write one")
        }
        if case .object(let members) = document.value {
            reader.read(members, group: nil)
        } else {
            reader.report("", "is no mapping; write lines such as log: {level: info}")
        }
        guard reader.problems.isEmpty else { throw ConfigurationProblems(reader.inOrder) }
        assignments = reader.assignments
    }

    /// Goes through the values of a file.
    private struct Reader {
        let name: String
        let number: Int
        let places: SourcePlaces
        var assignments: [String: Assignment] = [:]
        var problems: [ConfigurationProblem] = []

        /// The problems as the file has them, from top to bottom.
        var inOrder: [ConfigurationProblem] {
            func position(_ problem: ConfigurationProblem) -> (Int, Int) {
                guard case .file(let site) = problem.source else { return (0, 0) }
                return (site.line ?? 0, site.column ?? 0)
            }
            return problems.sorted { position($0) < position($1) }
        }

        private func site(_ key: String) -> InputError.Site {
            let place = places.place(of: key, inDocument: number)
            return InputError.Site(
                file: name,
                document: number,
                line: place?.line,
                column: place?.column,
                field: key.isEmpty ? nil : key
            )
        }

        mutating func report(_ key: String, _ message: String) {
            problems.append(ConfigurationProblem(.file(site(key)), message))
        }

        mutating func read(_ members: [String: JSONValue], group: String?) {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let key = group.map { "\($0).\(name)" } ?? name
                // A dot in a name does not lead into a group.
                if name.contains(".") {
                    reportUnknown(name, key, group)
                } else if let setting = Setting.byKey[key] {
                    read(value, setting)
                } else if group == nil, Setting.groups.contains(name) {
                    readGroup(value, name)
                } else {
                    reportUnknown(name, key, group)
                }
            }
        }

        private mutating func readGroup(_ value: JSONValue, _ group: String) {
            switch value {
            case .object(let members): read(members, group: group)
            case .null: report(group, "is empty; write settings below it, or remove the line")
            default: report(group, "is a group of settings: \(Self.names(in: group).joined(separator: ", "))")
            }
        }

        private mutating func read(_ value: JSONValue, _ setting: Setting) {
            if setting.effect == .notInFile {
                return report(
                    setting.key,
                    "cannot be set in a file, which replicas share; use --\(setting.flag) or \(setting.variable)"
                )
            }
            do throws(SettingDefect) {
                assignments[setting.key] = Assignment(value: try setting.kind.read(value), site: site(setting.key))
            } catch {
                report(setting.key, error.message)
            }
        }

        private mutating func reportUnknown(_ name: String, _ key: String, _ group: String?) {
            let siblings = Self.names(in: group)
            let suggestion = Suggestion.text(for: name, among: siblings + Setting.all.map(\.key))
            let shown = String(key.prefix(80))
            problems.append(
                ConfigurationProblem(
                    .file(Self.renamed(site(key), to: shown)),
                    "is no setting\(suggestion); allowed here: \(siblings.joined(separator: ", "))"
                )
            )
        }

        private static func renamed(_ site: InputError.Site, to field: String) -> InputError.Site {
            var site = site
            site.field = field
            return site
        }

        /// What may stand in a group, or outside of them.
        private static func names(in group: String?) -> [String] {
            let inside = Setting.all.filter { $0.effect != .notInFile }.map {
                $0.key.split(separator: ".").map(String.init)
            }
            guard let group else { return Set(inside.compactMap(\.first)).sorted() }
            return inside.filter { $0.count == 2 && $0[0] == group }.map { $0[1] }.sorted()
        }
    }
}
