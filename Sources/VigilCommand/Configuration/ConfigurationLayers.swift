import JSONModel

/// What flags and the environment set, which a file is put below.
///
/// What is said in several places is taken from the flag, then from the variable, then from the file, then from the
/// default. Lists are taken from one place whole.
struct ConfigurationLayers: Sendable, Hashable {
    /// Where a value comes from.
    enum Origin: Sendable, Hashable {
        case file(InputError.Site)
        case variable
        case flag
    }

    /// A configuration, and where each value of it that is no default comes from.
    struct Result: Sendable, Hashable {
        var configuration: OperatorConfiguration
        var origins: [String: Origin]

        /// Where the value of a setting comes from, in words.
        func origin(of setting: Setting) -> String {
            switch origins[setting.key] {
            case .file(let site): "\(site.file)\(site.line.map { ":\($0)" } ?? "")"
            case .variable: setting.variable
            case .flag: "--\(setting.flag)"
            case nil: "default"
            }
        }

        /// Where a setting was written.
        func source(of setting: Setting) -> ConfigurationProblem.Source {
            switch origins[setting.key] {
            case .file(let site): .file(site)
            case .variable: .variable(setting.variable)
            case .flag, nil: .flag("--\(setting.flag)")
            }
        }
    }

    /// Variables with the prefix that are no settings.
    static let otherVariables = ["VIGIL_CONFIG", "VIGIL_CONFIG_MAP"]

    private let flags: [String: SettingValue]
    private let variables: [String: SettingValue]

    /// Reads flags and variables.
    ///
    /// - Parameters:
    ///   - flags: what was written after flags, by key of the setting; empty for flags that were not given.
    ///   - environment: the process's environment. A variable that is empty is as good as absent.
    /// - Throws: ``ConfigurationProblems`` naming flags and variables; a variable that begins with `VIGIL_` and is no
    ///   setting is one.
    init(flags: [String: [String]] = [:], environment: [String: String] = [:]) throws(ConfigurationProblems) {
        var problems: [ConfigurationProblem] = []
        var readFlags: [String: SettingValue] = [:]
        var readVariables: [String: SettingValue] = [:]
        for setting in Setting.all {
            if let texts = flags[setting.key], !texts.isEmpty {
                do throws(SettingDefect) {
                    readFlags[setting.key] = try setting.kind.read(repeated: texts)
                } catch {
                    problems.append(ConfigurationProblem(.flag("--\(setting.flag)"), error.message))
                }
            }
            if let text = environment[setting.variable], !text.isEmpty {
                do throws(SettingDefect) {
                    readVariables[setting.key] = try setting.kind.read(text: text)
                } catch {
                    problems.append(ConfigurationProblem(.variable(setting.variable), error.message))
                }
            }
        }
        problems += Self.unknownVariables(environment)
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        self.flags = readFlags
        variables = readVariables
    }

    /// What `file` sets with flags and variables above it.
    ///
    /// - Throws: ``ConfigurationProblems`` when settings contradict each other.
    func over(_ file: ConfigurationFile?) throws(ConfigurationProblems) -> Result {
        var result = Result(configuration: OperatorConfiguration(), origins: [:])
        for setting in Setting.all {
            let value: SettingValue
            if let given = flags[setting.key] {
                (value, result.origins[setting.key]) = (given, .flag)
            } else if let given = variables[setting.key] {
                (value, result.origins[setting.key]) = (given, .variable)
            } else if let given = file?.assignments[setting.key] {
                (value, result.origins[setting.key]) = (given.value, .file(given.site))
            } else {
                continue
            }
            setting.assign(value, &result.configuration)
        }
        if let contradiction = result.configuration.contradiction {
            throw ConfigurationProblems([Self.problem(contradiction.settings, contradiction.message, result.origins)])
        }
        return result
    }

    /// The problem with several settings, told where the first of them was written that was.
    private static func problem(
        _ settings: [Setting],
        _ message: String,
        _ origins: [String: Origin]
    ) -> ConfigurationProblem {
        for case .file(let site) in settings.compactMap({ origins[$0.key] }) {
            return ConfigurationProblem(.file(site), message)
        }
        let written = settings.filter { origins[$0.key] != nil }
        if let first = written.first, origins[first.key] == .variable {
            return ConfigurationProblem(.variable(first.variable), message)
        }
        return ConfigurationProblem(.flag(settings.map { "--\($0.flag)" }.joined(separator: ", ")), message)
    }

    // MARK: - Unknown variables

    private static func unknownVariables(_ environment: [String: String]) -> [ConfigurationProblem] {
        let known = Set(Setting.all.map(\.variable) + otherVariables)
        return environment.keys.sorted().filter { name in
            name.hasPrefix(Setting.variablePrefix) && !known.contains(name) && !isServiceLink(name)
        }.map { name in
            let short = String(name.dropFirst(Setting.variablePrefix.count))
            let candidates = known.map { String($0.dropFirst(Setting.variablePrefix.count)) }.sorted()
            let suggestion = Suggestion.text(for: short, among: candidates)
                .replacing("mean ", with: "mean \(Setting.variablePrefix)")
            return ConfigurationProblem(
                .variable(String(name.prefix(80))),
                "is no setting\(suggestion); no other variable may begin with \(Setting.variablePrefix)"
            )
        }
    }

    /// Whether Kubernetes itself sets the variable, for a Service whose name begins with `vigil` (`VIGIL_SERVICE_HOST`,
    /// `VIGIL_PORT_9581_TCP_ADDR`).
    ///
    /// The forms are those of the kubelet (`pkg/kubelet/envvars/envvars.go`).
    static func isServiceLink(_ name: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.hasSuffix("_PORT") { return true }
        let parts = name.split(separator: "_")
        return parts.indices.dropLast(2).contains { index in
            parts[index] == "PORT" && parts[index + 1].utf8.allSatisfy { (0x30...0x39).contains($0) }
                && ["TCP", "UDP", "SCTP"].contains(parts[index + 2])
        }
    }
}
