import Logging
import Synchronization

/// Log lines kept in memory.
final class LogLedger: Sendable {
    /// One line.
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: [String: String]
    }

    private struct Handler: LogHandler {
        let ledger: LogLedger
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var all = metadata
            all.merge(metadataProvider?.get() ?? [:]) { $1 }
            all.merge(event.metadata ?? [:]) { $1 }
            let line = Line(
                level: event.level,
                message: event.message.description,
                metadata: all.mapValues { "\($0)" }
            )
            ledger.state.withLock { $0.append(line) }
        }
    }

    private let state = Mutex<[Line]>([])

    var lines: [Line] { state.withLock { $0 } }

    /// A logger that writes here, and adds what `provider` knows.
    func logger(_ provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: "test", factory: { _ in Handler(ledger: self, metadataProvider: provider) })
    }
}
