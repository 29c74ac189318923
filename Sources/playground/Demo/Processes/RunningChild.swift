import Foundation
import Subprocess
import Synchronization

/// A long-running program that the demo started.
final class RunningChild: Sendable {
    /// What it is called in messages; also the name of its log.
    let name: String
    let folder: DemoFolder
    /// The process, which leads a process group of its own.
    let process = Promise<pid_t>()
    /// How it ended.
    let ended = Promise<String>()
    private let isAskedToEnd = Mutex(false)

    init(name: String, folder: DemoFolder) {
        self.name = name
        self.folder = folder
    }

    /// Whether its end is what the demo wanted.
    var mayEnd: Bool { isAskedToEnd.withLock { $0 } }

    /// Says that its end is no failure.
    func expectEnd() { isAskedToEnd.withLock { $0 = true } }

    /// The last lines of its log.
    var logTail: [String] { folder.tail(ofLog: name) }

    /// Sends SIGTERM to its process group, and SIGKILL if it has not ended after `grace`; returns when it has ended.
    func stop(grace: Duration = .seconds(5)) async throws {
        expectEnd()
        let group = try await process.value()
        guard ended.current == nil else { return }
        _ = kill(-group, SIGTERM)
        do {
            _ = try await withTimeLimit(
                grace,
                otherwise: DemoError(.timedOut, "\(self.name) does not end"),
                { try await self.ended.value() }
            )
        } catch let error as DemoError where error.code == .timedOut {
            _ = kill(-group, SIGKILL)
            _ = try await ended.value()
        }
    }

    /// What is reported when it ended though nobody asked it to.
    func unexpectedEnd(_ how: String) -> DemoError {
        DemoError(
            .childEnded,
            "\(name) ended unexpectedly (\(how)). Its log, \(folder.logs)/\(name).log, ends with:",
            logTail: logTail
        )
    }
}
