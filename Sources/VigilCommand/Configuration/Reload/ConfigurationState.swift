import FoundationEssentials
import Synchronization

/// The configuration of a running operator, for everyone who wants to know of it.
final class ConfigurationState: Sendable {
    private struct Content {
        var reload: ConfigurationReload
        var readers: [Int: AsyncStream<ConfigurationReload.News>.Continuation] = [:]
        var nextReader = 0
    }

    private let content: Mutex<Content>

    /// Begins with what the process was started with.
    init(_ start: ReadConfiguration, at now: Date) {
        content = Mutex(Content(reload: ConfigurationReload(start, at: now)))
    }

    /// What became of the configuration so far.
    var reload: ConfigurationReload { content.withLock { $0.reload } }
    /// What is in force.
    var inForce: OperatorConfiguration { content.withLock { $0.reload.inForce.configuration } }

    /// Changes what became of it, and tells everyone what `change` has to tell.
    ///
    /// - Returns: what was told.
    @discardableResult
    func update(_ change: (inout ConfigurationReload) -> ConfigurationReload.News?) -> ConfigurationReload.News? {
        let (news, readers) = content.withLock { content in
            let news = change(&content.reload)
            return (news, news == nil ? [] : Array(content.readers.values))
        }
        if let news { for reader in readers { reader.yield(news) } }
        return news
    }

    /// What is to be told from now on; a refusal that still stands is told first.
    ///
    /// Of news that nobody reads the latest are kept.
    func news() -> AsyncStream<ConfigurationReload.News> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConfigurationReload.News.self,
            bufferingPolicy: .bufferingNewest(8)
        )
        let (reader, standing) = content.withLock { content in
            content.nextReader += 1
            content.readers[content.nextReader] = continuation
            return (content.nextReader, content.reload.problems)
        }
        if let standing { continuation.yield(.refused(standing)) }
        continuation.onTermination = { [weak self] _ in self?.forget(reader) }
        return stream
    }

    private func forget(_ reader: Int) { content.withLock { $0.readers[reader] = nil } }
}
