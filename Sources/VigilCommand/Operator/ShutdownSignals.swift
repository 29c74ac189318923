import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Runs a group of services until SIGTERM or SIGINT, which end them in good order; a second signal ends the process.
struct ShutdownSignals: Sendable {
    /// How long work under way may take before it is cancelled.
    static let gracePeriod = Duration.seconds(10)
    /// How long the end may take altogether, within the half minute that Kubernetes grants.
    static let limit = Duration.seconds(28)

    let logger: Logger
    /// Ends the process at once with a status.
    var exit: @Sendable (Int32) -> Void = ProcessEnd.now

    /// Runs `group`, which must not listen to signals itself.
    ///
    /// - Throws: what ends the group; nothing when a signal did, even if work had to be cancelled.
    func run(_ group: ServiceGroup) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let isEnding = Flag()
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                do {
                    try await group.run()
                } catch is CancellationError where isEnding.isSet {
                    // Work under way was cancelled when its time was over.
                }
                return true
            }
            tasks.addTask {
                await listen(signals, group) {
                    isEnding.set()
                    beginning.yield()
                }
                return false
            }
            tasks.addTask {
                await enforceLimit(after: begun)
                return false
            }
            defer { tasks.cancelAll() }
            while let hasEnded = try await tasks.next(), !hasEnded {}
        }
    }

    /// Something that becomes true once.
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    private func listen(
        _ signals: UnixSignalsSequence,
        _ group: ServiceGroup,
        onFirst: @Sendable () -> Void
    ) async {
        var count = 0
        for await signal in signals {
            count += 1
            guard count == 1 else {
                logger.error("ended at once by a second signal", metadata: ["signal": "\(signal)"])
                exit(1)
                return
            }
            logger.notice("ending", metadata: ["signal": "\(signal)"])
            onFirst()
            await group.triggerGracefulShutdown()
        }
    }

    private func enforceLimit(after begun: AsyncStream<Void>) async {
        for await _ in begun { break }
        guard !Task.isCancelled, (try? await Task.sleep(for: Self.limit)) != nil else { return }
        logger.error("not ended in time", metadata: ["limit": "\(Self.limit)"])
        exit(1)
    }
}

/// The end of the process, at once: nothing is finished, and nothing is written any more.
enum ProcessEnd {
    /// Ends the process with a status.
    static func now(_ status: Int32) { _exit(status) }
}
