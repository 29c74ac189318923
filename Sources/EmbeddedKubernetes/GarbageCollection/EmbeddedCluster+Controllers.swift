internal import FoundationEssentials
internal import JSONModel

extension EmbeddedCluster {
    func publish(_ change: Change) {
        controllers.observe(change, dependents: store.dependents[APIObject(change.object).uid] ?? [])
        if change.resource.group == GroupResource.roles.group { accessRules = nil }
        if change.resource == .events {
            if change.kind == .deleted {
                eventDeadlines.remove(change.key)
            } else {
                let parts = configuration.eventLifetime.components
                eventDeadlines.renew(
                    change.key,
                    until: configuration.now().addingTimeInterval(
                        Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
                    )
                )
            }
        }
        hub.publish(change, now: configuration.now())
    }

    /// Lets the controllers work until nothing is left that they could do.
    func runControllers() {
        guard !controllers.isRunning, !controllers.isIdle else { return }
        controllers.isRunning = true
        defer { controllers.isRunning = false }
        var before: Int64 = -1
        while before != store.revision {
            before = store.revision
            if configuration.controllers.contains(.garbageCollection) { collectGarbage() }
            if configuration.controllers.contains(.namespaceLifecycle) { emptyNamespaces() }
            if configuration.controllers.contains(.clusterRoleAggregation) { aggregateRoles() }
            for name in controllers.deletingDefinitions { finishDeletion(of: name) }
        }
    }

    /// Removes the Events whose time is over; watches see them deleted.
    func expireEvents() {
        for key in eventDeadlines.due(at: configuration.now()) { remove(.events, key) }
    }

    // MARK: - Owners

    private func collectGarbage() {
        for owner in controllers.deletingOwners { settle(owner) }
        let candidates = controllers.candidates
        controllers.candidates = []
        for candidate in candidates { collect(candidate) }
    }

    /// Deletes an object none of whose owners exists any more.
    private func collect(_ reference: ObjectReference) {
        guard let value = store.object(reference), let kind = registry.find(stored: reference.resource) else { return }
        let object = APIObject(value)
        guard !object.owners.isEmpty, !object.isDeleting else { return }
        let living = object.owners.filter { owner in
            guard let at = store.references[owner.uid] else { return false }
            // A namespaced owner in another namespace counts as absent.
            return at.key.namespace.isEmpty || at.key.namespace == reference.key.namespace
        }
        guard living.isEmpty else { return }
        delete(kind, reference.key, nil, now: configuration.now())
    }

    /// An owner that waits for its dependents (foreground), or lets them go (orphan).
    private func settle(_ reference: ObjectReference) {
        guard let value = store.object(reference) else { return }
        var owner = APIObject(value)
        let dependents = store.dependents[owner.uid] ?? []
        if owner.finalizers.contains("orphan") {
            for dependent in dependents { release(dependent, from: owner.uid) }
            owner.finalizers.removeAll { $0 == "orphan" }
            finish(owner, reference)
            return
        }
        guard owner.finalizers.contains("foregroundDeletion") else { return }
        var isBlocked = false
        for dependent in dependents {
            guard let value = store.object(dependent), let kind = registry.find(stored: dependent.resource) else {
                continue
            }
            let object = APIObject(value)
            if !object.isDeleting {
                delete(kind, dependent.key, nil, now: configuration.now())
            }
            let blocks = object.owners.contains { $0.uid == owner.uid && $0.blocks }
            if blocks, store.object(dependent) != nil { isBlocked = true }
        }
        guard !isBlocked else { return }
        owner.finalizers.removeAll { $0 == "foregroundDeletion" }
        finish(owner, reference)
    }

    private func finish(_ owner: APIObject, _ reference: ObjectReference) {
        if owner.finalizers.isEmpty, mayDisappear(owner.value, reference.resource) {
            remove(reference.resource, reference.key, lastState: owner.value)
        } else {
            publish(store.put(owner.value, in: reference.resource, at: reference.key))
        }
    }

    private func release(_ reference: ObjectReference, from uid: String) {
        guard let value = store.object(reference) else { return }
        var object = APIObject(value)
        let owners = (object.metadata["ownerReferences"]?.array ?? []).filter { $0["uid"]?.string != uid }
        object.setMetadata("ownerReferences", owners.isEmpty ? nil : .array(owners))
        publish(store.put(object.value, in: reference.resource, at: reference.key))
    }

    // MARK: - Namespaces

    private func emptyNamespaces() {
        for name in controllers.terminatingNamespaces.sorted() { empty(name) }
    }

    private func empty(_ name: String) {
        let now = configuration.now()
        var left = NamespaceConditions()
        for resource in store.tables.keys.sorted() {
            guard let kind = registry.find(stored: resource), kind.isNamespaced else { continue }
            for key in store.keys(resource) where key.namespace == name {
                delete(kind, key, nil, now: now)
                if let object = store.object(resource, key) { left.note(APIObject(object), of: resource) }
            }
        }
        let key = ObjectKey(namespace: "", name: name)
        guard let namespace = store.object(.namespaces, key) else { return }
        if left.isEmpty {
            var last = APIObject(namespace)
            last.value.set(path: ["spec", "finalizers"], nil)
            guard last.finalizers.isEmpty else { return }
            remove(.namespaces, key, lastState: last.value)
            return
        }
        var updated = namespace
        updated.set(
            path: ["status", "conditions"],
            left.json(previous: namespace.value(at: "status", "conditions"), now: now)
        )
        if updated != namespace { publish(store.put(updated, in: .namespaces, at: key)) }
    }
}
