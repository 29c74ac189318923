public import Logging
import Synchronization

/// Keeps what is logged: `level message key=value …`, keys sorted.
public final class LogRecord: Sendable {
    private let kept = Mutex<[String]>([])

    /// Creates an empty one.
    public init() {}

    /// What was logged, in order.
    public var lines: [String] { kept.withLock { $0 } }

    /// A logger of every level whose lines are kept.
    public var logger: Logger { Logger(label: "test") { _ in Handler(record: self) } }

    private struct Handler: LogHandler {
        let record: LogRecord
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            record.kept.withLock { $0.append("\(event.level) \(event.message)\(details)") }
        }
    }
}
