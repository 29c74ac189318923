/// Who wants to hear of which objects, and which of them are watched: a value.
///
/// Beyond the limit objects wait, in their order, until others are wanted no more; a watched one is not given up for
/// another.
struct NamedObjectDemand<Owner: Hashable & Sendable>: Sendable {
    /// The most objects that are watched at a time.
    let limit: Int
    /// What is watched.
    private(set) var watched: Set<NamedObject> = []
    private var wishes: [Owner: Set<NamedObject>] = [:]

    init(limit: Int) { self.limit = max(0, limit) }

    /// Sets what `owner` wants to hear of.
    ///
    /// - Returns: which watches begin, and which end.
    mutating func want(
        _ objects: Set<NamedObject>,
        owner: Owner
    ) -> (begin: [NamedObject], end: [NamedObject]) {
        wishes[owner] = objects.isEmpty ? nil : objects
        let wanted = wishes.values.reduce(into: Set<NamedObject>()) { $0.formUnion($1) }
        let end = watched.subtracting(wanted).sorted()
        watched.subtract(end)
        let begin = Array(wanted.subtracting(watched).sorted().prefix(limit - watched.count))
        watched.formUnion(begin)
        return (begin, end)
    }

    /// Who wants to hear of `object`.
    func owners(of object: NamedObject) -> Set<Owner> {
        Set(wishes.filter { $0.value.contains(object) }.keys)
    }
}
