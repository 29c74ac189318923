import JSONModel
import Logging
import TrustResources

/// The value of a setting, whatever its type.
enum SettingValue: Sendable, Hashable {
    case toggle(Bool)
    case integer(Int)
    case number(Double)
    case duration(Duration)
    case text(String)
    case texts([String])

    /// The value as flags, variables and tables write it.
    var text: String {
        switch self {
        case .toggle(let isOn): isOn ? "true" : "false"
        case .integer(let number): "\(number)"
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
        case .duration(let duration): DurationText.format(duration)
        case .text(let text): text
        case .texts(let texts): texts.joined(separator: ",")
        }
    }
}

/// A type that settings have.
protocol SettingContent: Sendable, Hashable {
    /// Takes a value over; `nil` when it is of another type.
    init?(_ value: SettingValue)
    /// The value.
    var settingValue: SettingValue { get }
}

extension Bool: SettingContent {
    init?(_ value: SettingValue) {
        guard case .toggle(let isOn) = value else { return nil }
        self = isOn
    }

    var settingValue: SettingValue { .toggle(self) }
}

extension Int: SettingContent {
    init?(_ value: SettingValue) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }

    var settingValue: SettingValue { .integer(self) }
}

extension Double: SettingContent {
    init?(_ value: SettingValue) {
        guard case .number(let number) = value else { return nil }
        self = number
    }

    var settingValue: SettingValue { .number(self) }
}

extension Duration: SettingContent {
    init?(_ value: SettingValue) {
        guard case .duration(let duration) = value else { return nil }
        self = duration
    }

    var settingValue: SettingValue { .duration(self) }
}

extension String: SettingContent {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }

    var settingValue: SettingValue { .text(self) }
}

extension [String]: SettingContent {
    init?(_ value: SettingValue) {
        guard case .texts(let texts) = value else { return nil }
        self = texts
    }

    var settingValue: SettingValue { .texts(self) }
}

/// The empty text stands for nothing, so that a file can take back what it said.
extension String?: SettingContent {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self = text.isEmpty ? .none : .some(text)
    }

    var settingValue: SettingValue { .text(self ?? "") }
}

extension Logger.Level: SettingContent {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self.init(rawValue: text)
    }

    var settingValue: SettingValue { .text(rawValue) }
}

extension LogFormat: SettingContent {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self.init(rawValue: text)
    }

    var settingValue: SettingValue { .text(rawValue) }
}
