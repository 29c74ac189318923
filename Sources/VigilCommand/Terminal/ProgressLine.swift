import Synchronization

/// One line on a terminal that says how far the work is, redrawn in place and gone when the work is done.
final class ProgressLine: Sendable {
    private let sink: any TextSink
    private let columns: Int
    private let isVisible = Mutex(false)

    /// Creates a line, or none where nobody watches: a pipe never receives a character of it.
    init?(sink: any TextSink, profile: TerminalProfile) {
        guard profile.isInteractive else { return nil }
        self.sink = sink
        columns = profile.columns ?? 80
    }

    /// Shows `done` of `total`, and what was worked on last.
    func show(_ done: Int, of total: Int, _ subject: String) {
        let text = "vigil: \(done) of \(total) images checked  \(TerminalText.printable(subject))"
        // The last column stays free: some terminals wrap as soon as it is written.
        let line = TerminalText.shortened(text, to: max(columns - 1, 20))
        isVisible.withLock { isVisible in
            sink.write("\r\(line)\u{1B}[K")
            isVisible = true
        }
    }

    /// Takes the line away.
    func clear() {
        isVisible.withLock { isVisible in
            if isVisible { sink.write("\r\u{1B}[K") }
            isVisible = false
        }
    }
}
