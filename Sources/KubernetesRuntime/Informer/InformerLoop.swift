import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// Performs what the reflector's rules say, for one informer.
final class InformerLoop<Object: KubernetesObject, Value: Sendable>: Sendable {
    private struct WatchIsSilent: Error {}

    private struct WatchState {
        var isOpen = false
        var lastActivity: Duration = .zero
    }

    private let informer: Informer<Object, Value>
    private let machine: Mutex<ReflectorStateMachine>
    private let watch = Mutex(WatchState())

    init(informer: Informer<Object, Value>, seed: UInt64) {
        self.informer = informer
        machine = Mutex(ReflectorStateMachine(configuration: informer.configuration, seed: seed))
    }

    private var now: Duration { informer.clock.now }

    func run() async {
        while !Task.isCancelled {
            let action = machine.withLock { $0.nextAction(at: now) }
            switch action {
            case .wait(let delay): try? await informer.clock.sleep(for: delay)
            case .list(let request): await list(request)
            case .watch(let request): await watch(request)
            }
        }
    }

    // MARK: - Lists

    private func list(_ request: ReflectorListRequest) async {
        if request.continueToken == nil { informer.state.withLock { $0.store.beginSynchronisation() } }
        do {
            let page = try await informer.client.page(
                of: informer.selection,
                limit: request.limit,
                continueToken: request.continueToken
            )
            contacted()
            take(page)
            let disposition = machine.withLock {
                $0.listed(resourceVersion: page.resourceVersion, continueToken: page.continueToken)
            }
            if disposition == .complete { informer.completeSynchronisation(at: page.resourceVersion) }
        } catch {
            if Task.isCancelled { return }
            report(error, during: "list")
            machine.withLock { $0.listFailed(ReflectorFailure(error), at: now) }
        }
    }

    private func take(_ page: ObjectPage<Object>) {
        let objects = page.items.map { informed($0) }
        informer.apply { store in
            for unreadable in page.unreadable {
                if let key = unreadable.key { store.touch(key) }
            }
            return objects.flatMap { store.put($0) }
        }
        for unreadable in page.unreadable { report(unreadable: unreadable.key, cause: unreadable.cause) }
    }

    // MARK: - Watches

    private func watch(_ request: ReflectorWatchRequest) async {
        if request.sendsInitialEvents { informer.state.withLock { $0.store.beginSynchronisation() } }
        watch.withLock { $0 = WatchState(isOpen: false, lastActivity: now) }
        var failure: (any Error)?
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.read(request) }
                group.addTask { try await self.guardAgainstSilence() }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            if Task.isCancelled { return }
            failure = error
        }
        if let failure { report(failure, during: "watch") }
        let cause = failure.map { $0 is WatchIsSilent ? .interrupted : ReflectorFailure($0) }
        let isOpen = watch.withLock { $0.isOpen }
        machine.withLock { machine in
            if isOpen {
                machine.watchEnded(cause, at: now)
            } else {
                machine.watchFailedToOpen(cause ?? .interrupted, at: now)
            }
        }
    }

    private func read(_ request: ReflectorWatchRequest) async throws {
        try await informer.client.watch(
            informer.selection,
            options: WatchOptions(
                resourceVersion: request.resourceVersion,
                sendsInitialEvents: request.sendsInitialEvents,
                timeoutSeconds: request.timeoutSeconds
            ),
            opened: {
                self.contacted()
                self.watch.withLock { $0.isOpen = true }
                self.machine.withLock { $0.watchOpened(at: self.now) }
            },
            receive: { self.receive($0) }
        )
    }

    private func guardAgainstSilence() async throws {
        while true {
            let deadline = watch.withLock { $0.lastActivity } + informer.configuration.watchIdleLimit
            guard now < deadline else { throw WatchIsSilent() }
            try await informer.clock.sleep(until: deadline)
        }
    }

    private func receive(_ notification: WatchNotification<Object>) -> WatchContinuation {
        contacted()
        let (disposition, version) = machine.withLock { machine in
            (machine.received(ReflectorEvent(notification)), machine.resourceVersion)
        }
        switch disposition {
        case .apply:
            apply(notification)
            informer.state.withLock { $0.status.resourceVersion = version }
        case .advance:
            informer.state.withLock { $0.status.resourceVersion = version }
        case .complete:
            informer.completeSynchronisation(at: version)
        case .stop:
            if case .failed(let error) = notification { report(error, during: "watch") }
            return .stop
        }
        return .proceed
    }

    private func apply(_ notification: WatchNotification<Object>) {
        switch notification {
        case .added(let object), .modified(let object):
            let object = informed(object)
            informer.apply { $0.put(object) }
        case .deleted(let object):
            let object = informed(object)
            informer.apply { $0.remove(object.key, last: object) }
        case .unreadable(let metadata, let isDeletion, let cause):
            let key = ObjectKey(namespace: metadata.namespace, name: metadata.name)
            informer.apply { store in
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

    // MARK: - Common

    private func informed(_ object: Object) -> InformedObject<Value> {
        InformedObject(
            key: object.key,
            uid: object.metadata.uid ?? "",
            resourceVersion: object.metadata.resourceVersion ?? "",
            value: informer.project(object)
        )
    }

    private func contacted() {
        let now = now
        watch.withLock { $0.lastActivity = now }
        informer.state.withLock { $0.lastContact = now }
    }

    private func report(_ error: any Error, during activity: String) {
        let sentence =
            error is WatchIsSilent
            ? "the watch was silent for \(informer.configuration.watchIdleLimit)" : String(describing: error)
        informer.state.withLock { $0.status.lastFailure = sentence }
        informer.logger.log(
            level: Self.level(of: error),
            "the copy of a resource is behind for a moment",
            metadata: ["resource": "\(informer.name)", "during": "\(activity)", "cause": "\(sentence)"]
        )
    }

    /// Streams end now and then, and some servers know no watch-list: neither needs anyone's attention.
    private static func level(of error: any Error) -> Logger.Level {
        if error is WatchIsSilent { return .info }
        return switch ReflectorFailure(error) {
        case .interrupted, .rejected: .debug
        case .expired, .resourceVersionTooLarge: .info
        case .unreachable, .throttled, .status: .warning
        }
    }

    private func report(unreadable key: ObjectKey?, cause: String) {
        informer.state.withLock { $0.status.unreadableObjects &+= 1 }
        informer.logger.error(
            "an object cannot be read",
            metadata: [
                "resource": "\(informer.name)", "object": "\(key.map(\.description) ?? "?")", "cause": "\(cause)",
            ]
        )
    }
}
