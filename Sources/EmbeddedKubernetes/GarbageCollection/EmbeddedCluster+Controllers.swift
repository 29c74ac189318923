internal import FoundationEssentials
internal import JSONModel

extension EmbeddedCluster {
    func publish(_ change: Change) {
        controllers.observe(change, dependents: store.dependents[APIObject(change.object).uid] ?? [])
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
            for name in controllers.deletingDefinitions { finishDeletion(of: name) }
        }
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
        if owner.finalizers.isEmpty {
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
        var remaining = 0
        for resource in store.tables.keys.sorted() {
            guard let kind = registry.find(stored: resource), kind.isNamespaced else { continue }
            for key in store.keys(resource) where key.namespace == name {
                delete(kind, key, nil, now: now)
                if store.object(resource, key) != nil { remaining += 1 }
            }
        }
        let key = ObjectKey(namespace: "", name: name)
        guard let namespace = store.object(.namespaces, key) else { return }
        if remaining == 0 {
            var last = APIObject(namespace)
            last.value.set(path: ["spec", "finalizers"], nil)
            guard last.finalizers.isEmpty else { return }
            remove(.namespaces, key, lastState: last.value)
            return
        }
        report(remaining, in: namespace, at: key, now: now)
    }

    private func report(_ remaining: Int, in namespace: JSONValue, at key: ObjectKey, now: Date) {
        let old = namespace.value(at: "status", "conditions")?.array?.first
        var updated = namespace
        let condition: JSONValue = [
            "type": "NamespaceContentRemaining", "status": "True", "reason": "SomeResourcesRemain",
            "lastTransitionTime": old?["lastTransitionTime"] ?? .string(Timestamps.seconds(now)),
            "message": .string("Some resources are remaining: \(remaining) resource instances"),
        ]
        updated.set(path: ["status", "conditions"], [condition])
        if updated != namespace { publish(store.put(updated, in: .namespaces, at: key)) }
    }
}
