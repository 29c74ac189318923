import FoundationEssentials
import Logging
import Synchronization

/// Where the process logs to: level and format of every logger, which may change while it runs.
final class LogOutput: Sendable {
    private let level: Atomic<Int>
    private let writesJSON: Atomic<Bool>
    private let sink: any TextSink
    private let now: @Sendable () -> Date
    /// Keeps lines apart that are written at the same time.
    private let writing = Mutex(())

    /// Creates an output.
    ///
    /// - Parameters:
    ///   - level: the least that is logged.
    ///   - format: how a line is written.
    ///   - sink: where lines go.
    ///   - now: the present, for the lines.
    init(
        level: Logger.Level = .info,
        format: LogFormat = .text,
        sink: any TextSink = DescriptorSink.standardError,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.level = Atomic(Self.rank(level))
        writesJSON = Atomic(format == .json)
        self.sink = sink
        self.now = now
    }

    /// The least that is logged.
    var logLevel: Logger.Level {
        let rank = level.load(ordering: .relaxed)
        return Logger.Level.allCases.indices.contains(rank) ? Logger.Level.allCases[rank] : .info
    }

    /// Sets level and format, for every line from now on.
    func set(level: Logger.Level, format: LogFormat) {
        self.level.store(Self.rank(level), ordering: .relaxed)
        writesJSON.store(format == .json, ordering: .relaxed)
    }

    /// Writes one line.
    func write(_ line: LogLine) {
        var line = line
        line.time = now()
        let text = writesJSON.load(ordering: .relaxed) ? line.json : line.text
        writing.withLock { _ in sink.write(text + "\n") }
    }

    private static func rank(_ level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}

/// A logger's way to a ``LogOutput``, with the level of that unless the logger was given one of its own.
struct OutputLogHandler: LogHandler {
    private let label: String
    private let output: LogOutput
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// Creates a handler for the logger called `label`.
    init(label: String, output: LogOutput) {
        self.label = label
        self.output = output
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? output.logLevel }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let given = event.metadata { fields.merge(given) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        output.write(
            LogLine(level: event.level, logger: label, message: "\(event.message)", fields: fields)
        )
    }
}
