internal import JSONModel

/// Objects could not be loaded into an ``EmbeddedCluster``.
public struct LoadingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

extension EmbeddedCluster {
    /// Puts objects into the cluster as if they had always been there: no request is recorded, no watch hears of them,
    /// nothing is checked or defaulted, and status and managed fields stay as they are.
    ///
    /// For filling a large cluster in little time and memory. Watches from before end at their next resumption with 410
    /// `Expired`.
    ///
    /// - Parameters:
    ///   - objects: JSON texts of objects that have a name, and a namespace where their kind needs one.
    ///   - resource: the plural of their kind, such as `pods`.
    ///   - group: its API group; empty for the core group.
    /// - Throws: ``LoadingError`` when nobody knows the resource, or a text is no such object; nothing is loaded then.
    public func load(_ objects: [[UInt8]], resource: String, group: String = "") throws(LoadingError) {
        let stored = GroupResource(group, resource)
        guard registry.find(stored: stored) != nil else {
            throw LoadingError(description: "this cluster has no resource \(stored) to load objects into")
        }
        let parser = JSONParser()
        var entries: [(key: ObjectKey, value: JSONValue)] = []
        entries.reserveCapacity(objects.count)
        for (index, text) in objects.enumerated() {
            guard let value = try? parser.parse(text), !APIObject(value).name.isEmpty else {
                throw LoadingError(
                    description: "object \(index) of \(objects.count) \(stored) is no object with a name"
                )
            }
            entries.append((APIObject(value).key, value))
        }
        store.load(entries, into: stored)
    }
}
