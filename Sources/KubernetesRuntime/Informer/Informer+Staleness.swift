import KubernetesAPI

extension InformerStatus {
    /// Why the copy cannot be relied on now; `nil` when it can.
    ///
    /// - Parameter name: what it is a copy of.
    /// - Returns: a clause for people, without the failure itself, which is in the log.
    func staleness(of name: String) -> String? {
        guard hasSynced else { return "no complete list yet of \(name)" }
        guard !isCurrent() else { return nil }
        let seconds = timeSinceContact.map { "\($0.components.seconds) s" } ?? "ever"
        return "nothing heard of \(name) for \(seconds)"
    }
}

extension Informer {
    /// Says that the copy was never complete, or that the server was not heard of for five minutes.
    public var staleness: String? { status.staleness(of: name) }
}

extension NamespacedInformers {
    /// Says of each namespace what ``Informer/staleness`` says.
    public var staleness: String? {
        let clauses = namespaces.compactMap { status[$0]?.staleness(of: "\(Object.resource) in \($0)") }
        return clauses.isEmpty ? nil : clauses.joined(separator: "; ")
    }
}
