internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func watch(_ request: ResourceRequest, _ options: ListOptions) throws(APIFailure) -> Answer {
        let form = try Representation.negotiate(request.request.headers["accept"])
        let filter = try filter(request)
        let revision = try options.revision()
        let (stream, queue) = AsyncStream<[UInt8]>.makeStream(
            bufferingPolicy: .bufferingOldest(max(1, configuration.watchQueueCapacity))
        )
        let startsWithState = options.sendInitialEvents ?? (revision == 0)
        let watcher = WatchHub.Watcher(
            resource: request.resource,
            filter: filter,
            renderer: ObjectRenderer(kind: request.kind, representation: form),
            wantsBookmarks: options.wantsBookmarks,
            after: startsWithState ? store.revision : max(revision, store.revision),
            queue: queue
        )
        let id = hub.add(watcher)
        if startsWithState {
            sendState(to: id, watcher, request)
            // A watch that starts at the present state and takes bookmarks learns where that state ends.
            if options.wantsBookmarks, options.sendInitialEvents == true || options.resourceVersion == "0" {
                hub.send(
                    "BOOKMARK",
                    WatchHub.bookmark(request.kind, revision: store.revision, endsInitialEvents: true),
                    to: id
                )
            }
        } else {
            replay(to: id, watcher, after: revision == 0 ? store.revision : revision, request)
        }
        // A day is longer than any test or demonstration.
        let seconds = options.timeoutSeconds.map { Duration.seconds(min(max($0, 0), 86_400)) }
        let session = WatchSession(
            id: id,
            events: stream,
            queue: queue,
            timeout: seconds ?? configuration.watchTimeout,
            bookmarkInterval: options.wantsBookmarks ? configuration.bookmarkInterval : nil
        )
        let headers = [
            "content-type": "application/json", "cache-control": "no-cache, private", "audit-id": ObjectIdentity.uid(),
        ]
        return .watch(session, headers: headers)
    }

    private func sendState(to id: Int, _ watcher: WatchHub.Watcher, _ request: ResourceRequest) {
        let state = store.snapshot(watcher.resource)
        for key in state.keys where watcher.filter.matchesNamespace(key.namespace) {
            guard let object = state.objects[key], watcher.filter.matches(object) else { continue }
            let isFirst = hub.watchers[id]?.sentFirst == false
            hub.send("ADDED", watcher.renderer.event(object, now: request.now, isFirst: isFirst), to: id)
        }
    }

    private func replay(to id: Int, _ watcher: WatchHub.Watcher, after revision: Int64, _ request: ResourceRequest) {
        guard let changes = store.changes(watcher.resource, after: revision) else {
            let oldest = store.compactedRevision(watcher.resource)
            let failure = APIFailure.expired("too old resource version: \(revision) (\(oldest))")
            hub.send("ERROR", failure.status, to: id)
            hub.remove(id)
            return
        }
        for change in changes {
            guard let event = WatchHub.event(for: change, watcher.filter) else { continue }
            let isFirst = hub.watchers[id]?.sentFirst == false
            hub.send(
                event.kind.rawValue,
                watcher.renderer.event(event.object, now: request.now, isFirst: isFirst),
                to: id
            )
        }
    }

    /// Sends a bookmark to a watch that is still open.
    func sendBookmark(to id: Int) {
        guard let watcher = hub.watchers[id], watcher.wantsBookmarks else { return }
        let bookmark = WatchHub.bookmark(watcher.renderer.kind, revision: store.revision, endsInitialEvents: false)
        hub.send("BOOKMARK", bookmark, to: id)
    }

    /// Ends a watch.
    func endWatch(_ id: Int) { hub.remove(id) }

    /// Keeps a watch's time: bookmarks at their interval, the end at its timeout.
    ///
    /// Returns when the watch has ended.
    nonisolated func keepTime(of session: WatchSession) async {
        let clock = ContinuousClock()
        let end = clock.now + session.timeout
        while clock.now < end {
            let next = min(end, clock.now + (session.bookmarkInterval ?? session.timeout))
            do {
                try await clock.sleep(until: next)
            } catch {
                break
            }
            if session.bookmarkInterval != nil { await sendBookmark(to: session.id) }
        }
        await endWatch(session.id)
    }
}
