import NIOCore
import Synchronization

/// The open connections, so that there is always a place for a new one, such as a probe's: who waits longest without a
/// request makes room, and among those that are answered who is answered longest.
///
/// Refusing new ones instead would let anyone who opens connections and says nothing keep everybody else out.
final class ConnectionPlaces: Sendable {
    private struct Place {
        let channel: any Channel
        var isAnswered = false
        /// Which change of all it was that made it so.
        var since: UInt64
    }

    private struct State {
        var places: [ObjectIdentifier: Place] = [:]
        var changes: UInt64 = 0

        /// Removes and returns the oldest of one kind when there are `most` of that kind.
        mutating func makeRoom(isAnswered: Bool, most: Int) -> (any Channel)? {
            let same = places.lazy.filter { $0.value.isAnswered == isAnswered }
            guard same.count >= most, let oldest = same.min(by: { $0.value.since < $1.value.since }) else { return nil }
            places[oldest.key] = nil
            return oldest.value.channel
        }
    }

    private let limits: ServerLimits
    private let state = Mutex(State())

    init(_ limits: ServerLimits) { self.limits = limits }

    /// A connection is there, or waits again.
    func wait(_ channel: any Channel) { put(channel, isAnswered: false, most: limits.connections) }

    /// A request of a connection is there.
    func answer(_ channel: any Channel) { put(channel, isAnswered: true, most: limits.answers) }

    /// A connection is gone.
    func leave(_ channel: any Channel) { state.withLock { $0.places[ObjectIdentifier(channel)] = nil } }

    private func put(_ channel: any Channel, isAnswered: Bool, most: Int) {
        let key = ObjectIdentifier(channel)
        let removed = state.withLock { state -> (any Channel)? in
            state.places[key] = nil
            let removed = state.makeRoom(isAnswered: isAnswered, most: most)
            state.changes += 1
            state.places[key] = Place(channel: channel, isAnswered: isAnswered, since: state.changes)
            return removed
        }
        removed?.close(promise: nil)
    }
}
