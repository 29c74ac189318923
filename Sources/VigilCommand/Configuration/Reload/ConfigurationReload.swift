import FoundationEssentials

/// What became of the configuration since the start: is shown what is read, and says what is to be done.
///
/// A configuration is taken as a whole or not at all. What cannot be read, or cannot be put into force, changes nothing but
/// ``problems``.
struct ConfigurationReload: Sendable {
    /// What was read: a configuration, or what is wrong with it.
    typealias Look = Result<ReadConfiguration, ConfigurationProblems>

    /// What is to be done.
    enum Step: Sendable, Hashable {
        /// Put this into force, then say how that went.
        case apply(ReadConfiguration)
        /// Tell people.
        case tell(News)
    }

    /// What people want to know.
    enum News: Sendable, Hashable {
        /// What is written cannot be used; what was in force stays.
        case refused(ConfigurationProblems)
        /// A change was taken; of the second list each setting waits for a restart.
        case taken(changed: [String], awaitingRestart: [String])
    }

    /// What is in force: live settings as taken last, the others as at the start.
    private(set) var inForce: ReadConfiguration
    /// What is wrong with what is written now; `nil` when it is in force.
    private(set) var problems: ConfigurationProblems?
    /// The settings that are written otherwise than they were at the start, and wait for a restart.
    private(set) var awaitingRestart: [String] = []
    /// When a configuration was last taken, or read again in order.
    private(set) var lastSuccess: Date
    private let start: ReadConfiguration
    private var last: Look

    /// Begins with what the process was started with.
    init(_ start: ReadConfiguration, at now: Date) {
        self.start = start
        inForce = start
        last = .success(start)
        lastSuccess = now
    }

    /// Looks at what is read now.
    ///
    /// - Returns: what is to be done; `nil` when nothing changed since the last look.
    mutating func look(_ look: Look, at now: Date) -> Step? {
        guard look != last else { return nil }
        last = look
        switch look {
        case .failure(let problems): return .tell(refuse(problems))
        case .success(let written):
            let next = written.keepingRestartSettings(of: inForce)
            return next == inForce ? .tell(take(written, at: now)) : .apply(next)
        }
    }

    /// What was to be put into force is in force.
    ///
    /// - Returns: what is to be told; `nil` when something else was read meanwhile.
    mutating func applied(at now: Date) -> News? {
        guard case .success(let written) = last else { return nil }
        return take(written, at: now)
    }

    /// What was to be put into force could not be.
    mutating func failed(_ problems: ConfigurationProblems) -> News { refuse(problems) }

    private mutating func refuse(_ problems: ConfigurationProblems) -> News {
        self.problems = problems
        return .refused(problems)
    }

    private mutating func take(_ written: ReadConfiguration, at now: Date) -> News {
        let next = written.keepingRestartSettings(of: inForce)
        let changed = next.differences(from: inForce)
        inForce = next
        problems = nil
        awaitingRestart = Setting.all.filter { setting in
            setting.effect != .live
                && setting.value(written.configuration) != setting.value(start.configuration)
        }.map(\.key)
        lastSuccess = now
        return .taken(changed: changed, awaitingRestart: awaitingRestart)
    }
}
