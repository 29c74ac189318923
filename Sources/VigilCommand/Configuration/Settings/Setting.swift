import ArgumentParser

/// One thing that can be set: what it is called in a file, as a flag and in the environment, what it may be, and whether a
/// change of it takes effect at once.
struct Setting: Sendable {
    /// When a change in the file takes effect.
    enum Effect: Sendable, Hashable {
        /// At once.
        case live
        /// When the process starts anew.
        case restart
        /// Never: each replica must have its own, and replicas share the file.
        case notInFile
    }

    /// What every variable begins with.
    static let variablePrefix = "VIGIL_"

    /// Its place in the file: groups and name, separated by dots.
    let key: String
    /// The flag, without dashes in front.
    let flag: String
    /// What it may be.
    let kind: SettingKind
    /// When a change takes effect.
    let effect: Effect
    /// What it does, in sentences for people.
    let text: String
    /// What stands for an empty default, for people.
    let defaultNote: String?
    /// Its value in a configuration.
    let value: @Sendable (OperatorConfiguration) -> SettingValue
    /// Sets it, unless the value is of another type.
    let assign: @Sendable (SettingValue, inout OperatorConfiguration) -> Void

    init<Content: SettingContent>(
        _ key: String,
        flag: String,
        _ path: any WritableKeyPath<OperatorConfiguration, Content> & Sendable,
        _ kind: SettingKind,
        _ effect: Effect,
        default defaultNote: String? = nil,
        _ text: String
    ) {
        self.key = key
        self.flag = flag
        self.kind = kind
        self.effect = effect
        self.text = text
        self.defaultNote = defaultNote
        value = { $0[keyPath: path].settingValue }
        assign = { value, configuration in
            if let content = Content(value) { configuration[keyPath: path] = content }
        }
    }

    /// The environment variable.
    var variable: String { Self.variablePrefix + flag.uppercased().replacing("-", with: "_") }

    /// Its value where nobody says anything.
    var defaultText: String {
        let text = value(OperatorConfiguration()).text
        return text.isEmpty ? defaultNote ?? "" : text
    }

    /// What `--help` says of the flag.
    var help: ArgumentHelp {
        let sentence = defaultText.isEmpty ? text : "\(text) (default: \(defaultText))"
        return ArgumentHelp(stringLiteral: sentence)
    }
}
