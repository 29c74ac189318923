/// Keeps a local copy of a resource in step with the server: what to ask next, and what to do with each answer.
///
/// A value without clock, tasks or I/O. The owner performs ``nextAction(at:)``, reports what came of it, and asks
/// again. Times are durations since an origin the owner chooses, on a monotonic clock.
///
/// The behaviour is that of client-go's reflector: a watch-list first, LIST and WATCH where the server does not know
/// it, continuation from the last version after a break, a fresh synchronisation after 410. Two deviations are on
/// purpose: the fallback LIST is always a consistent one, in pages, which bounds memory and never goes back in time
/// between API servers; and a server that used to send bookmarks and falls silent is asked for a list.
public struct ReflectorStateMachine: Sendable {
    /// What the owner shall do.
    public enum Action: Sendable, Hashable {
        /// Wait, then ask again.
        case wait(Duration)
        /// Fetch a page. When `continueToken` is `nil` a new synchronisation begins. Report with ``listed(_:)`` or
        /// ``listFailed(_:at:)``.
        case list(ReflectorListRequest)
        /// Open a watch. When it sends initial events a new synchronisation begins. Report with
        /// ``watchFailedToOpen(_:at:)``, or ``watchOpened(at:)`` and what follows.
        case watch(ReflectorWatchRequest)
    }

    /// What to do with a page.
    public enum PageDisposition: Sendable, Hashable {
        /// Take its items; more pages follow.
        case more
        /// Take its items; with them the synchronisation is complete, and objects it did not show are gone.
        case complete
    }

    /// What to do with an event.
    public enum EventDisposition: Sendable, Hashable {
        /// Take the object into the store, or out of it.
        case apply
        /// Nothing but the version changed.
        case advance
        /// The synchronisation is complete, and objects it did not show are gone.
        case complete
        /// Close the stream and ask for the next action.
        case stop
    }

    private enum Step: Sendable, Hashable {
        case synchronise
        case list(continueToken: String?, isPaged: Bool)
        case watch
    }

    private struct OpenWatch: Sendable {
        var openedAt: Duration
        var events = 0
        var isInitial: Bool
        /// Whether additions move the version on.
        var adoptsAdditions: Bool
        var failure: ReflectorFailure?
    }

    /// The settings in force.
    public let configuration: ReflectorConfiguration
    /// The version up to which the copy is known to be complete; empty before the first synchronisation.
    public private(set) var resourceVersion = ""
    /// Whether a synchronisation was ever completed.
    public private(set) var hasSynchronised = false

    private var step = Step.synchronise
    private var pendingDelay: Duration?
    private var open: OpenWatch?
    private var requestedInitialEvents = false
    private var requestedVersion = ""
    private var isVersionUnavailable = false
    private var fallsBackToList = false
    /// Whether the server was seen to send bookmarks other than the one that ends the initial events.
    private(set) var hasSentBookmarks = false
    /// Watches in a row at whose end the server was silent, since it last said something.
    private var silentWatches = 0
    private var backoff: Backoff
    private var generator: SplitMix64

    /// Creates a reflector that has seen nothing yet.
    public init(configuration: ReflectorConfiguration = ReflectorConfiguration(), seed: UInt64) {
        self.configuration = configuration
        backoff = configuration.backoff
        generator = SplitMix64(seed: seed)
    }

    /// What to do next.
    public mutating func nextAction(at now: Duration) -> Action {
        if let delay = pendingDelay {
            pendingDelay = nil
            return .wait(delay)
        }
        switch step {
        case .synchronise where configuration.usesWatchList && !fallsBackToList:
            return watch(sendsInitialEvents: true, from: isVersionUnavailable ? "" : resourceVersion)
        case .synchronise:
            step = .list(continueToken: nil, isPaged: true)
            return .list(ReflectorListRequest(limit: configuration.pageSize))
        case .list(let token, let isPaged):
            return .list(
                ReflectorListRequest(limit: isPaged ? configuration.pageSize : nil, continueToken: token)
            )
        case .watch:
            return watch(sendsInitialEvents: false, from: resourceVersion)
        }
    }

    private mutating func watch(sendsInitialEvents: Bool, from version: String) -> Action {
        requestedInitialEvents = sendsInitialEvents
        requestedVersion = version
        let range = configuration.watchTimeoutSeconds
        return .watch(
            ReflectorWatchRequest(
                resourceVersion: version,
                sendsInitialEvents: sendsInitialEvents,
                timeoutSeconds: Int.random(in: range, using: &generator)
            )
        )
    }

    // MARK: - Lists

    /// A page arrived.
    public mutating func listed(resourceVersion version: String, continueToken: String?) -> PageDisposition {
        if let continueToken, !continueToken.isEmpty, case .list(_, let isPaged) = step {
            step = .list(continueToken: continueToken, isPaged: isPaged)
            return .more
        }
        synchronised(at: version)
        step = .watch
        return .complete
    }

    /// A page could not be fetched.
    public mutating func listFailed(_ failure: ReflectorFailure, at now: Duration) {
        if failure == .expired, case .list(_?, isPaged: true) = step {
            // The pages took longer than the server keeps their snapshot: once more, in one piece.
            step = .list(continueToken: nil, isPaged: false)
            return
        }
        delay(after: failure, at: now)
        step = .synchronise
    }

    // MARK: - Watches

    /// The watch could not be opened.
    public mutating func watchFailedToOpen(_ failure: ReflectorFailure, at now: Duration) {
        if requestedInitialEvents { return initialEventsFailed(failure, at: now) }
        delay(after: failure, at: now)
        switch failure {
        case .unreachable, .interrupted, .silent, .throttled: step = .watch
        default: step = .synchronise
        }
    }

    /// The server answered the watch with 200.
    public mutating func watchOpened(at now: Duration) {
        // A watch from no version begins with what exists, in no order of version (client-go's reflector, 1.36).
        let isFromVersion = !requestedVersion.isEmpty && requestedVersion != "0"
        open = OpenWatch(
            openedAt: now,
            isInitial: requestedInitialEvents,
            adoptsAdditions: requestedInitialEvents || isFromVersion
        )
    }

    /// A line of the watch arrived.
    public mutating func received(_ event: ReflectorEvent) -> EventDisposition {
        guard let isInitial = open?.isInitial else { return .stop }
        open?.events += 1
        silentWatches = 0
        switch event {
        case .failed(let failure):
            open?.failure = failure
            return .stop
        case .bookmark(let version, let endsInitialEvents):
            guard isInitial else {
                open?.adoptsAdditions = true
                hasSentBookmarks = true
                adopt(version)
                return .advance
            }
            // Bookmarks before the end of the initial events promise nothing about what was not sent yet.
            guard endsInitialEvents else { return .advance }
            open?.isInitial = false
            synchronised(at: version)
            step = .watch
            return .complete
        case .added(let version):
            // Initial events come in no order of version; adopting one would skip others after a break.
            if !isInitial, open?.adoptsAdditions == true { adopt(version) }
            return .apply
        case .modified(let version), .deleted(let version):
            if !isInitial {
                open?.adoptsAdditions = true
                adopt(version)
            }
            return .apply
        }
    }

    /// The stream ended: by itself (`nil`), by a broken connection, or because ``received(_:)`` said `stop`.
    public mutating func watchEnded(_ failure: ReflectorFailure?, at now: Duration) {
        guard let ended = open else { return }
        open = nil
        if ended.isInitial { return initialEventsFailed(ended.failure ?? failure ?? .interrupted, at: now) }
        if let reported = ended.failure {
            delay(after: reported, at: now)
            if case .throttled = reported { step = .watch } else { step = .synchronise }
            return
        }
        if case .status = failure {
            // A line that could not be read: what it said is lost, so the copy must be compared as a whole.
            delay(after: failure, at: now)
            step = .synchronise
            return
        }
        if failure == .silent, hasSentBookmarks {
            silentWatches += 1
            if silentWatches >= configuration.silentWatches { return compareWithList() }
        }
        guard ended.events == 0, now - ended.openedAt < configuration.shortWatch else {
            step = .watch
            return
        }
        delay(after: failure, at: now)
        step = .synchronise
    }

    /// Asks for what there is with a request that ends, and does not depend on any version.
    private mutating func compareWithList() {
        silentWatches = 0
        fallsBackToList = true
        step = .synchronise
    }

    private mutating func initialEventsFailed(_ failure: ReflectorFailure, at now: Duration) {
        step = .synchronise
        switch failure {
        case .expired, .resourceVersionTooLarge:
            if requestedVersion.isEmpty { delay(after: failure, at: now) }
            isVersionUnavailable = true
        case .unreachable, .throttled:
            delay(after: failure, at: now)
        case .rejected, .interrupted, .silent, .status:
            // The server does not know watch-lists, or, without the closing bookmark, may be one that ignores the
            // parameter: a LIST always ends. Another server may answer next time.
            fallsBackToList = true
        }
    }

    // MARK: - Common

    private mutating func synchronised(at version: String) {
        resourceVersion = version
        hasSynchronised = true
        isVersionUnavailable = false
        fallsBackToList = false
    }

    private mutating func adopt(_ version: String) {
        if !version.isEmpty { resourceVersion = version }
    }

    private mutating func delay(after failure: ReflectorFailure?, at now: Duration) {
        let delay = backoff.next(at: now, using: &generator)
        guard case .throttled(let retryAfter?) = failure else {
            pendingDelay = delay
            return
        }
        pendingDelay = max(delay, min(retryAfter, configuration.longestRetryAfter))
    }
}
