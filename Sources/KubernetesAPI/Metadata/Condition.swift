/// One aspect of an object's state (`metav1.Condition`).
public struct Condition: Sendable, Hashable, Codable {
    /// Whether the condition holds.
    public enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        case `true` = "True"
        case `false` = "False"
        case unknown = "Unknown"
    }

    /// The aspect, unique in its object.
    public var type: String
    /// Whether it holds.
    public var status: Status
    /// The generation of the object that was looked at.
    public var observedGeneration: Int64?
    /// When ``status`` last changed.
    public var lastTransitionTime: KubernetesTime
    /// A constant in UpperCamelCase.
    public var reason: String
    /// A sentence for people.
    public var message: String

    /// Creates a condition.
    public init(
        type: String,
        status: Status,
        observedGeneration: Int64? = nil,
        lastTransitionTime: KubernetesTime,
        reason: String,
        message: String
    ) {
        self.type = type
        self.status = status
        self.observedGeneration = observedGeneration
        self.lastTransitionTime = lastTransitionTime
        self.reason = reason
        self.message = message
    }
}

extension [Condition] {
    /// The condition of `type`.
    public subscript(type type: String) -> Condition? { first { $0.type == type } }

    /// Sets a condition, keeping the transition time while the status stays the same.
    public mutating func set(_ condition: Condition) {
        guard let index = firstIndex(where: { $0.type == condition.type }) else {
            append(condition)
            return
        }
        var updated = condition
        if self[index].status == condition.status { updated.lastTransitionTime = self[index].lastTransitionTime }
        self[index] = updated
    }

    /// Removes the condition of `type`, if present.
    public mutating func remove(type: String) { removeAll { $0.type == type } }
}
