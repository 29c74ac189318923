import FoundationEssentials
import Logging
import ServiceLifecycle

/// Looks at the configuration every five seconds, and puts into force what changed.
///
/// The content is compared, not the file's time or number: what a kubelet swaps by a symbolic link, an editor by a rename,
/// and a shell by writing into the file are all the same.
struct ConfigurationWatch: Service {
    /// How often it is looked at.
    static let interval = Duration.seconds(5)

    let state: ConfigurationState
    /// Reads what is written now.
    let read: @Sendable () throws(ConfigurationProblems) -> ReadConfiguration
    /// Puts a configuration into force as a whole, or throws and changes nothing.
    let apply: @Sendable (ReadConfiguration) throws(InputError) -> Void
    /// Done at every look.
    var tidy: @Sendable () async -> Void = {}
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger

    /// Looks until cancelled or asked to shut down gracefully.
    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try await clock.sleep(for: Self.interval)
                look()
                await tidy()
            }
        }
    }

    /// Looks once.
    func look() {
        let look = ConfigurationReload.Look { () throws(ConfigurationProblems) in try read() }
        var pending: ReadConfiguration?
        var news = state.update { reload in
            switch reload.look(look, at: now()) {
            case .apply(let configuration):
                pending = configuration
                return nil
            case .tell(let news): return news
            case nil: return nil
            }
        }
        if let pending { news = put(pending) }
        if let news { log(news) }
    }

    private func put(_ configuration: ReadConfiguration) -> ConfigurationReload.News? {
        do throws(InputError) {
            try apply(configuration)
        } catch {
            let problems = ConfigurationProblems([ConfigurationProblem(error, file: "")])
            return state.update { $0.failed(problems) }
        }
        return state.update { $0.applied(at: now()) }
    }

    private func log(_ news: ConfigurationReload.News) {
        switch news {
        case .refused(let problems):
            for problem in problems.all {
                logger.error("the configuration is refused; the former stays", metadata: ["problem": "\(problem)"])
            }
        case .taken(let changed, let awaitingRestart):
            logger.notice("the configuration is taken", metadata: ["changed": "\(changed.joined(separator: ", "))"])
            if !awaitingRestart.isEmpty {
                logger.warning(
                    "settings wait for a restart",
                    metadata: ["settings": "\(awaitingRestart.joined(separator: ", "))"]
                )
            }
            logger.debug("the configuration in force", metadata: Self.fields(state.inForce))
        }
    }

    /// Every setting with its value.
    static func fields(_ configuration: OperatorConfiguration) -> Logger.Metadata {
        Logger.Metadata(uniqueKeysWithValues: Setting.all.map { ($0.key, "\($0.value(configuration).text)") })
    }
}
