import FoundationEssentials
import Synchronization

/// A date that moves when a test says so.
final class MovableDate: Sendable {
    private let date = Mutex(Date(timeIntervalSince1970: 1_795_000_000))

    var now: Date { date.withLock(\.self) }

    func advance(by seconds: Double) { date.withLock { $0 += seconds } }
}
