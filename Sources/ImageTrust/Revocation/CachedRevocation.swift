public import FoundationEssentials
public import NotaryVerification
import WorkSharing

/// Keeps answers about revocation for as long as they say themselves, at most an hour, so that a thousand images of one
/// signer ask once.
///
/// What cannot be believed is kept for half a minute, so that a service in trouble is not asked a thousand times. An answer
/// that became old goes on counting up to its `nextUpdate` while no newer one is to be had. Those who ask for the same thing
/// at the same time wait for one answer.
public final class CachedRevocation: RevocationSource {
    /// How long what cannot be believed is kept.
    static let failureAge: TimeInterval = 30
    /// What an entry costs besides its bytes.
    static let entryOverhead = 1024

    private let base: any RevocationSource
    private let work: SharedWork<RevocationRequest, Received, Memory>

    /// Puts an empty memory in front of `base`.
    ///
    /// - Parameters:
    ///   - base: asked for what is not known.
    ///   - maximumBytes: how much is kept, of which one answer may take half; the longest unused go first.
    public init(_ base: any RevocationSource, maximumBytes: Int = 64 << 20) {
        self.base = base
        work = SharedWork(memory: Memory(maximumBytes: max(0, maximumBytes)))
    }

    /// See ``RevocationSource/answer(to:for:now:)``.
    public func answer(
        to request: RevocationRequest,
        for lookup: RevocationLookup,
        now: Date
    ) async -> RevocationAnswer {
        let received = await work.value(
            for: request,
            known: { $0.known(request, now: now) },
            make: {
                let answer = await base.answer(to: request, for: lookup, now: now)
                guard case .bytes(let bytes, _) = answer else { return Received(answer: answer, usableUntil: nil) }
                return Received(
                    answer: answer,
                    usableUntil: lookup.end(of: bytes, answering: request, now: now)
                )
            },
            keep: { $0.keep($1, request, now: now) }
        )
        return received?.answer ?? .failure("the judgement was cancelled")
    }
}

/// An answer, and up to when it can be believed; `nil` for what cannot.
private struct Received: Sendable {
    let answer: RevocationAnswer
    let usableUntil: Date?
}

/// Answers within a budget of bytes.
private struct Memory: Sendable {
    struct Entry {
        let received: Received
        /// Up to when it is given without asking anew.
        var freshUntil: Date
        let receivedAt: Date
        var lastUse: UInt64

        var cost: Int {
            guard case .bytes(let bytes, _) = received.answer else { return CachedRevocation.entryOverhead }
            return bytes.count + CachedRevocation.entryOverhead
        }
    }

    private var entries: [RevocationRequest: Entry] = [:]
    private var bytes = 0
    private var uses: UInt64 = 0
    private let maximumBytes: Int

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// The answer that is given at `now` without asking anew.
    mutating func known(_ request: RevocationRequest, now: Date) -> Received? {
        // Before the moment at which it was received it says nothing: the clock was set back.
        guard var entry = entries[request], now < entry.freshUntil,
            now >= entry.receivedAt.addingTimeInterval(-RevocationRules.clockSkew)
        else { return nil }
        uses &+= 1
        entry.lastUse = uses
        entries[request] = entry
        return entry.received
    }

    /// Keeps what was received at `now`.
    ///
    /// - Returns: what counts: the answer that was there, when it can still be believed and the new one cannot.
    mutating func keep(_ received: Received, _ request: RevocationRequest, now: Date) -> Received {
        uses &+= 1
        if received.usableUntil == nil, var old = entries[request], let end = old.received.usableUntil, now <= end {
            old.freshUntil = min(end, now.addingTimeInterval(RevocationRules.retryInterval))
            old.lastUse = uses
            entries[request] = old
            return old.received
        }
        let age = received.usableUntil == nil ? CachedRevocation.failureAge : RevocationRules.maximumAge
        let end = received.usableUntil ?? .distantFuture
        let entry = Entry(
            received: received,
            freshUntil: min(end, now.addingTimeInterval(age)),
            receivedAt: now,
            lastUse: uses
        )
        insert(entry, request)
        return received
    }

    private mutating func insert(_ entry: Entry, _ request: RevocationRequest) {
        if let previous = entries.removeValue(forKey: request) { bytes -= previous.cost }
        // One large answer must not push out everything else.
        guard entry.cost <= maximumBytes / 2 else { return }
        entries[request] = entry
        bytes += entry.cost
        guard bytes > maximumBytes else { return }
        for (key, old) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard bytes > maximumBytes / 4 * 3 else { return }
            bytes -= old.cost
            entries[key] = nil
        }
    }
}
