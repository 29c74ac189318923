internal import FoundationEssentials
internal import JSONModel

extension EmbeddedCluster {
    static let crdFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// Registers the kinds of a definition and writes its conditions, as the API server's own controllers do.
    func establish(_ name: String) {
        let key = ObjectKey(namespace: "", name: name)
        guard let crd = store.object(.customResourceDefinitions, key), !APIObject(crd).isDeleting else { return }
        let time = Timestamps.seconds(configuration.now())
        let kinds = CustomResourceDefinition.kinds(crd)
        let taken = registry.all.first { other in
            other.served.description != name
                && kinds.contains { $0.served.group == other.served.group && $0.kind == other.kind }
        }
        if let taken {
            let message = "\"\(taken.kind)\" is already in use"
            writeStatus(CustomResourceDefinition.refused(crd, at: time, message), over: crd, at: key)
            return
        }
        registry.register(kinds, as: name)
        writeStatus(CustomResourceDefinition.established(crd, at: time), over: crd, at: key)
    }

    private func writeStatus(_ crd: JSONValue, over old: JSONValue, at key: ObjectKey) {
        guard crd != old else { return }
        guard let kind = registry.find(stored: .customResourceDefinitions) else { return }
        let written = owned(crd, old: old, kind, byStatusWriter: "kube-apiserver")
        publish(store.put(written, in: .customResourceDefinitions, at: key))
    }

    /// Deletes the objects of a definition that is being deleted; when none is left, the definition goes too.
    func finishDeletion(of name: String) {
        guard let kind = registry.custom[name]?.first else {
            removeDefinition(name)
            return
        }
        let now = configuration.now()
        for key in store.keys(kind.stored) { delete(kind, key, nil, now: now) }
        if store.count(kind.stored) == 0 {
            removeDefinition(name)
        } else {
            controllers.deletingDefinitions.insert(name)
        }
    }

    private func removeDefinition(_ name: String) {
        controllers.deletingDefinitions.remove(name)
        let key = ObjectKey(namespace: "", name: name)
        guard var crd = store.object(.customResourceDefinitions, key).map(APIObject.init) else { return }
        crd.finalizers.removeAll { $0 == Self.crdFinalizer }
        guard crd.finalizers.isEmpty else {
            publish(store.put(crd.value, in: .customResourceDefinitions, at: key))
            return
        }
        remove(.customResourceDefinitions, key, lastState: crd.value)
    }

    /// Withdraws the kinds of a definition that is gone: its watches end, its paths answer 404.
    func retire(_ name: String) {
        guard let kind = registry.custom[name]?.first else { return }
        registry.unregister(name)
        hub.removeAll(on: kind.stored)
    }
}
