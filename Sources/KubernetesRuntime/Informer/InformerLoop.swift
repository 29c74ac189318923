import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// Performs what the reflector's rules say, for one informer.
final class InformerLoop<Object: KubernetesObject, Value: Sendable>: Sendable {
    private struct ServerIsSilent: Error {}

    /// How often a watch-list is reported whose initial events have no end: client-go's figure.
    private static var initialEventsPatience: Duration { .seconds(10) }

    /// How many initial events go by between two records of how far the copy is: nobody can see each of ten thousand.
    private static var initialEventsBetweenRecords: Int { 64 }

    private struct RequestState {
        var lastActivity: Duration
        /// When the server accepted the watch.
        var openedAt: Duration?
        let opened = OneShotSignal()
        /// Whether the end of the initial events is still to come.
        var awaitsEnd = false
        /// Initial events since the copy's progress was recorded.
        var unrecorded = 0
        let ended = WakeSignal()
    }

    private let informer: Informer<Object, Value>
    private let machine: Mutex<ReflectorStateMachine>
    private let request = Mutex(RequestState(lastActivity: .zero))
    /// Whether this informer has a place at the gate.
    private let isInGate = Mutex(false)

    init(informer: Informer<Object, Value>, seed: UInt64) {
        self.informer = informer
        machine = Mutex(ReflectorStateMachine(configuration: informer.configuration, seed: seed))
    }

    private var now: Duration { informer.clock.now }

    func run() async {
        while !Task.isCancelled {
            let action = machine.withLock { $0.nextAction(at: now) }
            switch action {
            case .wait(let delay):
                leaveGate()
                try? await informer.clock.sleep(for: delay)
            case .list(let request):
                guard await enterGate() else { break }
                await list(request)
            case .watch(let request):
                guard !request.sendsInitialEvents else {
                    if await enterGate() { await watch(request) }
                    break
                }
                leaveGate()
                await watch(request)
            }
        }
        leaveGate()
    }

    // MARK: - The gate

    /// Waits for a place to synchronise, unless there is one already; `false` when cancelled.
    private func enterGate() async -> Bool {
        guard let gate = informer.gate, !isInGate.withLock({ $0 }) else { return true }
        guard (try? await gate.enter()) != nil else { return false }
        isInGate.withLock { $0 = true }
        return true
    }

    private func leaveGate() {
        let wasIn = isInGate.withLock { isIn in
            defer { isIn = false }
            return isIn
        }
        if wasIn { informer.gate?.leave() }
    }

    // MARK: - Lists

    private func list(_ request: ReflectorListRequest) async {
        if request.continueToken == nil { informer.state.withLock { $0.store.beginSynchronisation() } }
        informer.state.withLock { $0.status.lists &+= 1 }
        informer.metrics.listed()
        let position = Mutex(ListPosition())
        let failure = await guarded(awaitingEnd: false) {
            let end = try await self.informer.collection.list(
                self.informer.selection,
                limit: request.limit,
                continueToken: request.continueToken,
                paced: { await self.informer.waitForHandlers() },
                receive: { self.take($0) }
            )
            try ContinueToken.check(end.continueToken, after: request.continueToken)
            position.withLock { $0 = end }
        }
        if Task.isCancelled { return }
        if let failure {
            report(failure, during: "list")
            machine.withLock { $0.listFailed(sorted(failure), at: now) }
            return
        }
        contacted()
        let end = position.withLock { $0 }
        let disposition = machine.withLock {
            $0.listed(resourceVersion: end.resourceVersion, continueToken: end.continueToken)
        }
        if disposition == .complete { complete(at: end.resourceVersion) }
    }

    private func take(_ element: ListedObject<Value>) {
        contacted()
        switch element {
        case .object(let object):
            let object = InformedObject(object)
            informer.apply { $0.put(object) }
        case .unreadable(let key, let cause):
            if let key { informer.state.withLock { $0.store.touch(key) } }
            report(unreadable: key, cause: cause)
        }
    }

    private func complete(at version: String) {
        let ended = request.withLock { request in
            request.awaitsEnd = false
            return request.ended
        }
        ended.signal()
        informer.completeSynchronisation(at: version)
        informer.recordProgress()
        leaveGate()
    }

    // MARK: - Watches

    private func watch(_ request: ReflectorWatchRequest) async {
        if request.sendsInitialEvents { informer.state.withLock { $0.store.beginSynchronisation() } }
        informer.state.withLock { $0.status.watches &+= 1 }
        informer.metrics.watched()
        let failure = await guarded(awaitingEnd: request.sendsInitialEvents) { try await self.read(request) }
        if Task.isCancelled { return }
        if let failure { report(failure, during: "watch") }
        let cause = failure.map { sorted($0) }
        let openedAt = self.request.withLock { $0.openedAt }
        if let openedAt { countAsContact(openedAt, endedBy: cause) }
        machine.withLock { machine in
            if openedAt != nil {
                machine.watchEnded(cause, at: now)
            } else {
                machine.watchFailedToOpen(cause ?? .interrupted, at: now)
            }
        }
    }

    private func read(_ request: ReflectorWatchRequest) async throws {
        try await informer.collection.watch(
            informer.selection,
            options: WatchOptions(
                resourceVersion: request.resourceVersion,
                sendsInitialEvents: request.sendsInitialEvents,
                timeoutSeconds: request.timeoutSeconds
            ),
            opened: {
                let now = self.now
                let opened = self.request.withLock { request in
                    request.openedAt = now
                    request.lastActivity = now
                    return request.opened
                }
                self.machine.withLock { $0.watchOpened(at: now) }
                opened.fire()
            },
            receive: { notification in
                await self.informer.waitForHandlers()
                return self.receive(notification)
            }
        )
    }

    private func receive(_ notification: WatchNotification<DecodedObject<Value>>) -> WatchContinuation {
        // What comes between the objects and their end does not say that the end will come.
        let isRecorded = if case .bookmark = notification { contacted(isProgress: false) } else { contacted() }
        let (disposition, version) = machine.withLock { machine in
            (machine.received(ReflectorEvent(notification)), machine.resourceVersion)
        }
        switch disposition {
        case .apply:
            apply(notification)
            advance(to: version, isRecorded: isRecorded)
        case .advance:
            advance(to: version, isRecorded: true)
        case .complete:
            complete(at: version)
        case .stop:
            if case .failed(let error) = notification { report(error, during: "watch") }
            return .stop
        }
        return .proceed
    }

    private func advance(to version: String, isRecorded: Bool) {
        let now = now
        informer.state.withLock { state in
            state.status.resourceVersion = version
            state.lastEvent = now
        }
        if isRecorded { informer.recordProgress() }
    }

    private func apply(_ notification: WatchNotification<DecodedObject<Value>>) {
        switch notification {
        case .added(let object), .modified(let object):
            let object = InformedObject(object)
            informer.apply { $0.put(object) }
        case .deleted(let object):
            let object = InformedObject(object)
            informer.apply { $0.remove(object.key, last: object) }
        case .unreadable(let metadata, let isDeletion, let cause):
            let key = metadata.name.isEmpty ? nil : ObjectKey(namespace: metadata.namespace, name: metadata.name)
            informer.apply { store in
                guard let key else { return [] }
                if isDeletion { return store.remove(key, last: nil) }
                // The last state that could be read is kept: an object that became odd is not an object that is gone.
                store.touch(key)
                return []
            }
            report(unreadable: key, cause: cause)
        case .bookmark, .failed:
            break
        }
    }

    // MARK: - Silence

    /// Performs a request until it ends or the server is silent for too long, and returns what went wrong.
    private func guarded(
        awaitingEnd: Bool,
        _ body: @escaping @Sendable () async throws -> Void
    ) async -> (any Error)? {
        request.withLock { $0 = RequestState(lastActivity: now, awaitsEnd: awaitingEnd) }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body() }
                group.addTask { try await self.guardAgainstSilence() }
                if awaitingEnd { group.addTask { try await self.remindOfMissingEnd() } }
                defer { group.cancelAll() }
                try await group.next()
            }
            return nil
        } catch {
            return error
        }
    }

    private func guardAgainstSilence() async throws {
        while true {
            let deadline = request.withLock { $0.lastActivity } + informer.configuration.watchIdleLimit
            guard now < deadline else { throw ServerIsSilent() }
            try await informer.clock.sleep(until: deadline)
        }
    }

    /// Reports that the initial events have no end yet, every now and then until they have; returns when cancelled.
    private func remindOfMissingEnd() async throws {
        let (opened, ended) = request.withLock { ($0.opened, $0.ended) }
        try await opened.wait()
        let start = now
        var deadline = start + Self.initialEventsPatience
        while true {
            await informer.clock.wait(until: deadline, or: ended)
            try Task.checkCancellation()
            guard request.withLock({ $0.awaitsEnd }) else { break }
            informer.logger.warning(
                "the server has not said yet that all existing objects were sent",
                metadata: [
                    "resource": "\(informer.name)", "waited": "\(now - start)", "objects": "\(informer.count)",
                ]
            )
            deadline += Self.initialEventsPatience
        }
        // Nothing but the request itself ends it.
        try await OneShotSignal().wait()
    }

    /// Notes that the server said something.
    ///
    /// - Parameter isProgress: whether it brings the end of the initial events nearer, if that is still to come.
    /// - Returns: whether the progress that comes of it is to be recorded.
    @discardableResult
    private func contacted(isProgress: Bool = true) -> Bool {
        let now = now
        let isRecorded = request.withLock { request in
            if isProgress || !request.awaitsEnd { request.lastActivity = now }
            guard request.awaitsEnd else { return true }
            request.unrecorded = (request.unrecorded + 1) % Self.initialEventsBetweenRecords
            return request.unrecorded == 0
        }
        informer.state.withLock { $0.lastContact = now }
        return isRecorded
    }

    /// Counts a watch that is over as contact with the server at the moment when it was opened.
    ///
    /// It need not have said anything: not every server sends bookmarks. But one that ended with something unreadable,
    /// or at once, may have been answered by anything on the way, and so may one that stayed silent although the server
    /// sends bookmarks.
    private func countAsContact(_ openedAt: Duration, endedBy failure: ReflectorFailure?) {
        if case .status = failure { return }
        if failure == .silent, machine.withLock({ $0.hasSentBookmarks }) { return }
        guard now - openedAt >= informer.configuration.shortWatch else { return }
        informer.state.withLock { $0.lastContact = max($0.lastContact ?? openedAt, openedAt) }
    }

    // MARK: - Reports

    private func sorted(_ error: any Error) -> ReflectorFailure {
        error is ServerIsSilent ? .silent : ReflectorFailure(error)
    }

    private func report(_ error: any Error, during activity: String) {
        let sentence =
            error is ServerIsSilent
            ? "the server was silent for \(informer.configuration.watchIdleLimit)" : String(describing: error)
        informer.state.withLock { $0.status.lastFailure = sentence }
        informer.metrics.failed(sorted(error))
        informer.logger.log(
            level: level(of: error),
            informer.hasSynced ? "a copy may be behind the server" : "a copy is not complete yet",
            metadata: ["resource": "\(informer.name)", "during": "\(activity)", "cause": "\(sentence)"]
        )
    }

    /// Streams end now and then, and some servers know no watch-list: neither needs anyone's attention.
    private func level(of error: any Error) -> Logger.Level {
        if error is ServerIsSilent { return .info }
        return switch sorted(error) {
        case .interrupted, .silent, .rejected: .debug
        case .expired, .resourceVersionTooLarge: .info
        case .unreachable, .throttled, .status: .warning
        }
    }

    private func report(unreadable key: ObjectKey?, cause: String) {
        informer.state.withLock { $0.status.unreadableObjects &+= 1 }
        informer.metrics.foundUnreadable()
        informer.logger.error(
            "an object cannot be read",
            metadata: [
                "resource": "\(informer.name)", "object": "\(key.map(\.description) ?? "?")", "cause": "\(cause)",
            ]
        )
    }
}

extension InformedObject {
    /// What is kept of an object that was read.
    fileprivate init(_ object: DecodedObject<Value>) {
        self.init(
            key: object.header.key,
            uid: object.header.uid,
            resourceVersion: object.header.resourceVersion,
            value: object.value
        )
    }
}
