import FoundationEssentials
import MetricsExposition

/// Whether what is written is in force.
struct ConfigurationMetrics: MetricSource {
    static let successful = MetricFamily(
        "vigil_config_last_reload_successful",
        .gauge,
        help: "Whether the configuration that is written is in force: 1, or 0 if it was refused and the former stays."
    )
    static let successTime = MetricFamily(
        "vigil_config_last_reload_success_timestamp_seconds",
        .gauge,
        unit: .seconds,
        help: "When a configuration was last taken, at the start at the latest, in seconds since 1970."
    )
    static let restartRequired = MetricFamily(
        "vigil_config_restart_required",
        .gauge,
        help: "Whether a setting was changed that takes effect when the process starts anew: 1 or 0."
    )
    /// All of them.
    static let all = [successful, successTime, restartRequired]

    let state: ConfigurationState

    var families: [MetricFamily] { Self.all }

    func readings() async -> [MetricReading] {
        let reload = state.reload
        return [
            Self.successful.reading(reload.problems == nil ? 1 : 0),
            Self.successTime.reading(reload.lastSuccess.timeIntervalSince1970),
            Self.restartRequired.reading(reload.awaitingRestart.isEmpty ? 0 : 1),
        ]
    }
}
