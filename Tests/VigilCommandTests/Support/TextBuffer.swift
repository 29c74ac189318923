import Synchronization
import VigilCommand

/// Collects what a command writes.
final class TextBuffer: TextSink {
    private let content = Mutex("")

    func write(_ text: String) { content.withLock { $0 += text } }

    var text: String { content.withLock { $0 } }
}
