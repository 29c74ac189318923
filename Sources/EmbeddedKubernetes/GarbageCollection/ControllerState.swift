/// What the built-in controllers still have to look at.
struct ControllerState {
    var isRunning = false
    var terminatingNamespaces: Set<String> = []
    var deletingDefinitions: Set<String> = []
    /// Objects being deleted that wait for, or let go of, their dependents.
    var deletingOwners: Set<ObjectReference> = []
    /// Objects whose owners may all be gone.
    var candidates: Set<ObjectReference> = []
    /// Whether a ClusterRole has changed, so that those put together from it may have to.
    var aggregatesRoles = false

    var isIdle: Bool {
        terminatingNamespaces.isEmpty && deletingDefinitions.isEmpty && deletingOwners.isEmpty && candidates.isEmpty
            && !aggregatesRoles
    }

    /// Takes note of a change.
    mutating func observe(_ change: Change, dependents: Set<ObjectReference>) {
        let object = APIObject(change.object)
        if change.resource == .clusterRoles { aggregatesRoles = true }
        let reference = ObjectReference(resource: change.resource, key: change.key)
        if change.kind == .deleted {
            deletingOwners.remove(reference)
            candidates.remove(reference)
            candidates.formUnion(dependents)
            if change.resource == .namespaces { terminatingNamespaces.remove(change.key.name) }
            return
        }
        if !object.owners.isEmpty { candidates.insert(reference) }
        guard object.isDeleting else { return }
        if change.resource == .namespaces { terminatingNamespaces.insert(change.key.name) }
        let waits = object.finalizers.contains { $0 == "foregroundDeletion" || $0 == "orphan" }
        if waits { deletingOwners.insert(reference) } else { deletingOwners.remove(reference) }
    }
}
