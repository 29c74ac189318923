internal import FoundationEssentials
internal import JSONModel
internal import KubernetesAPI

extension EmbeddedCluster {
    func watch(_ request: ResourceRequest, _ options: ListOptions) throws(APIFailure) -> Answer {
        let form = try Representation.negotiate(request.request.headers["accept"], .events, request.kind)
        let filter = try filter(request)
        let revision = try options.revision()
        let queue = WatchQueue(capacity: configuration.watchQueueCapacity)
        let startsWithState = options.sendInitialEvents ?? (revision == 0)
        let view = view(request)
        var watcher = WatchHub.Watcher(
            resource: request.resource,
            filter: filter,
            renderer: ObjectRenderer(kind: request.kind, representation: form),
            wantsBookmarks: options.wantsBookmarks,
            after: startsWithState ? store.revision : max(revision, store.revision),
            queue: queue
        )
        let initial = startsWithState ? state(of: view, for: watcher, request, options) : nil
        watcher.sentFirst = initial?.isEmpty == false
        let id = hub.add(watcher)
        if !startsWithState {
            replay(to: id, watcher, after: revision == 0 ? store.revision : revision, request)
        } else if view.revision < store.revision {
            // A server that lags behind catches up.
            replay(to: id, watcher, after: view.revision, request)
        }
        // A day is longer than any test or demonstration.
        let seconds = options.timeoutSeconds.map { Duration.seconds(min(max($0, 0), 86_400)) }
        let session = WatchSession(
            id: id,
            events: WatchEvents(initial: initial, queue: queue),
            timeout: seconds ?? configuration.watchTimeout,
            bookmarkInterval: options.wantsBookmarks ? configuration.bookmarkInterval : nil
        )
        let headers = [
            "content-type": "application/json", "cache-control": "no-cache, private", "audit-id": ObjectIdentity.uid(),
        ]
        return .watch(session, headers: headers)
    }

    /// What a watch begins with that wants the present state.
    private func state(
        of view: ObjectStore,
        for watcher: WatchHub.Watcher,
        _ request: ResourceRequest,
        _ options: ListOptions
    ) -> InitialEvents {
        var view = view
        let state = view.snapshot(watcher.resource)
        let objects = state.keys.compactMap { key -> StoredObject? in
            guard watcher.filter.matchesNamespace(key.namespace), let object = state.objects[key],
                watcher.filter.matches(object)
            else { return nil }
            return object
        }
        // A watch that starts at the present state and takes bookmarks learns where that state ends.
        var bookmark: JSONValue?
        if options.wantsBookmarks, options.sendInitialEvents == true {
            bookmark = WatchHub.bookmark(request.kind, revision: view.revision, endsInitialEvents: true)
        }
        return InitialEvents(objects, watcher.renderer, now: request.now, bookmark: bookmark)
    }

    private func replay(to id: Int, _ watcher: WatchHub.Watcher, after revision: Int64, _ request: ResourceRequest) {
        guard let changes = store.changes(watcher.resource, after: revision) else {
            let oldest = store.compactedRevision(watcher.resource)
            let failure = APIFailure.expired("too old resource version: \(revision) (\(oldest))")
            hub.send("ERROR", failure.status, to: id)
            hub.remove(id)
            return
        }
        for change in changes { hub.send(change, to: id, now: request.now) }
    }

    /// Sends a bookmark to a watch that is still open.
    func sendBookmark(to id: Int) {
        expireEvents()
        guard let watcher = hub.watchers[id], watcher.wantsBookmarks else { return }
        let bookmark = WatchHub.bookmark(watcher.renderer.kind, revision: store.revision, endsInitialEvents: false)
        let form = watcher.renderer.bookmark(bookmark, now: configuration.now(), isFirst: !watcher.sentFirst)
        hub.send("BOOKMARK", form, to: id)
    }

    /// Ends a watch.
    func endWatch(_ id: Int) { hub.remove(id) }

    /// Keeps a watch's time: bookmarks at their interval and two seconds before the end, the end at its timeout.
    ///
    /// Returns when the watch has ended.
    nonisolated func keepTime(of session: WatchSession) async {
        let end = clock.now + session.timeout
        while clock.now < end {
            let now = clock.now
            // The last bookmark leaves time to be read; a watch of two seconds gets none (cacher, nextBookmarkTime).
            let last = end - .seconds(2)
            let next = min(last > now ? last : end, now + (session.bookmarkInterval ?? session.timeout))
            do {
                try await clock.sleep(until: next)
            } catch {
                break
            }
            if session.bookmarkInterval != nil, clock.now < end { await sendBookmark(to: session.id) }
        }
        await endWatch(session.id)
    }
}
