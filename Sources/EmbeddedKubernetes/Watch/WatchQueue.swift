internal import Synchronization

/// The events that wait for one watch's reader: bounded, and taken in batches, so that a burst is few writes.
///
/// One reader at a time.
final class WatchQueue: Sendable {
    private struct State {
        var lines: [[UInt8]] = []
        var isFinished = false
        var reader: CheckedContinuation<Void, Never>?

        var isReadable: Bool { isFinished || !lines.isEmpty }
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// Creates a queue of at most `capacity` events.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Adds an event, a line of JSON.
    ///
    /// - Returns: `false` when the reader lags too far behind, or nothing is taken any more.
    func push(_ line: [UInt8]) -> Bool {
        let (isTaken, reader) = state.withLock { state in
            guard !state.isFinished, state.lines.count < capacity else {
                return (false, CheckedContinuation<Void, Never>?.none)
            }
            state.lines.append(line)
            defer { state.reader = nil }
            return (true, state.reader)
        }
        reader?.resume()
        return isTaken
    }

    /// Takes nothing any more; what waits is still read.
    func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// Everything that waits, in order; waits for something if nothing does.
    ///
    /// - Returns: `nil` when the queue has finished, or the task is cancelled.
    func next() async -> [[UInt8]]? {
        await withTaskCancellationHandler {
            while true {
                if Task.isCancelled { return nil }
                let (lines, isFinished) = state.withLock { state in
                    defer { state.lines = [] }
                    return (state.lines, state.isFinished)
                }
                if !lines.isEmpty { return lines }
                if isFinished { return nil }
                await wait()
            }
        } onCancel: {
            wake()
        }
    }

    private func wait() async {
        await withCheckedContinuation { reader in
            let isReady = state.withLock { state in
                // A cancellation that came before would find nobody to wake.
                guard !state.isReadable, !Task.isCancelled else { return true }
                state.reader = reader
                return false
            }
            if isReady { reader.resume() }
        }
    }

    private func wake() {
        let reader = state.withLock { state in
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
