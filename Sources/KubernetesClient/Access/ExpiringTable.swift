internal import DequeModule

/// Values that are believed for a while, and no more of them than fit.
///
/// All are believed equally long, so the oldest are the next to go, by age as by space.
struct ExpiringTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// How long a value is believed.
    let age: Duration
    /// The most values that are kept.
    let capacity: Int

    private var values: [Key: (value: Value, until: Duration)] = [:]
    private var order: Deque<(key: Key, until: Duration)> = []

    /// Creates an empty table.
    init(age: Duration, capacity: Int) {
        self.age = age
        self.capacity = capacity
    }

    /// How many values are kept, believed or not.
    var count: Int { values.count }

    /// The value of `key`, while it is believed.
    func value(of key: Key, at now: Duration) -> Value? {
        guard let found = values[key], found.until > now else { return nil }
        return found.value
    }

    /// Keeps a value from `now` on, and forgets what is too old or too much.
    mutating func set(_ value: Value, for key: Key, at now: Duration) {
        let until = now + age
        values[key] = (value, until)
        order.append((key, until))
        while let oldest = order.first, oldest.until <= now || order.count > capacity {
            order.removeFirst()
            // A value that was learned again meanwhile has a later place.
            if values[oldest.key]?.until == oldest.until { values[oldest.key] = nil }
        }
    }
}
