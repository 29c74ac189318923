public import FoundationEssentials
public import NotaryVerification
import Synchronization

/// Keeps answers about revocation for as long as they say themselves, at most an hour, so that a thousand images of one
/// signer ask once.
///
/// What cannot be believed is kept for half a minute, so that a service in trouble is not asked a thousand times. An answer
/// that became old goes on counting up to its `nextUpdate` while no newer one is to be had. Those who ask for the same thing
/// at the same time wait for one answer.
public final class CachedRevocation: RevocationSource {
    private struct Entry {
        let answer: RevocationAnswer
        /// Up to when it is given without asking anew.
        var freshUntil: Date
        /// Up to when it can be believed; `nil` for what cannot.
        let usableUntil: Date?
        let receivedAt: Date
        var lastUse: UInt64

        var cost: Int {
            guard case .bytes(let bytes, _) = answer else { return CachedRevocation.entryOverhead }
            return bytes.count + CachedRevocation.entryOverhead
        }
    }

    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var entries: [RevocationRequest: Entry] = [:]
        var bytes = 0
        /// Who waits for each answer that is being fetched.
        var flights: [RevocationRequest: [Waiter]] = [:]
        var nextTicket: UInt64 = 0
        var uses: UInt64 = 0
    }

    private enum Turn: Sendable {
        case take(RevocationAnswer)
        case fetch
        /// Ask again: the one who fetched was cancelled, or the caller itself was.
        case again
    }

    /// How long what cannot be believed is kept.
    static let failureAge: TimeInterval = 30
    /// What an entry costs besides its bytes.
    static let entryOverhead = 1024

    private let base: any RevocationSource
    private let maximumBytes: Int
    private let state = Mutex(State())

    /// Puts an empty memory in front of `base`.
    ///
    /// - Parameters:
    ///   - base: asked for what is not known.
    ///   - maximumBytes: how much is kept, of which one answer may take half; the longest unused go first.
    public init(_ base: any RevocationSource, maximumBytes: Int = 64 << 20) {
        self.base = base
        self.maximumBytes = max(0, maximumBytes)
    }

    /// See ``RevocationSource/answer(to:for:now:)``.
    public func answer(
        to request: RevocationRequest,
        for lookup: RevocationLookup,
        now: Date
    ) async -> RevocationAnswer {
        while !Task.isCancelled {
            switch await turn(request, now: now) {
            case .take(let answer): return answer
            case .again: continue
            case .fetch:
                let answer = await base.answer(to: request, for: lookup, now: now)
                return land(request, answer, for: lookup, now: now)
            }
        }
        return .failure("the judgement was cancelled")
    }

    /// Finds out what the caller is to do, waiting for whoever is fetching the answer.
    private func turn(_ request: RevocationRequest, now: Date) async -> Turn {
        let ticket = state.withLock { state -> UInt64 in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn = state.withLock { state -> Turn? in
                    if Task.isCancelled { return .again }
                    if let answer = Self.known(&state, request, now: now) { return .take(answer) }
                    if state.flights[request] == nil {
                        state.flights[request] = []
                        return .fetch
                    }
                    state.flights[request]?.append(Waiter(ticket: ticket, continuation: continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.flights[request]?.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.flights[request]?.remove(at: index)
            }
            waiter?.continuation.resume(returning: .again)
        }
    }

    private static func known(_ state: inout State, _ request: RevocationRequest, now: Date) -> RevocationAnswer? {
        // Before the moment at which it was received it says nothing: the clock was set back.
        guard var entry = state.entries[request], now < entry.freshUntil,
            now >= entry.receivedAt.addingTimeInterval(-RevocationRules.clockSkew)
        else { return nil }
        state.uses &+= 1
        entry.lastUse = state.uses
        state.entries[request] = entry
        return entry.answer
    }

    /// Keeps what was fetched and hands it to those who wait for it.
    private func land(
        _ request: RevocationRequest,
        _ answer: RevocationAnswer,
        for lookup: RevocationLookup,
        now: Date
    ) -> RevocationAnswer {
        var usableUntil: Date?
        if case .bytes(let bytes, _) = answer { usableUntil = lookup.end(of: bytes, answering: request, now: now) }
        // What a cancelled task found out is no answer: whoever waits has to ask again.
        let isComplete = !Task.isCancelled
        let (given, waiters) = state.withLock { state -> (RevocationAnswer, [Waiter]) in
            let waiters = state.flights.removeValue(forKey: request) ?? []
            guard isComplete else { return (answer, waiters) }
            state.uses &+= 1
            if usableUntil == nil, var old = state.entries[request], let end = old.usableUntil, now <= end {
                old.freshUntil = min(end, now.addingTimeInterval(RevocationRules.retryInterval))
                old.lastUse = state.uses
                state.entries[request] = old
                return (old.answer, waiters)
            }
            let age = usableUntil == nil ? Self.failureAge : RevocationRules.maximumAge
            let end = usableUntil ?? .distantFuture
            let entry = Entry(
                answer: answer,
                freshUntil: min(end, now.addingTimeInterval(age)),
                usableUntil: usableUntil,
                receivedAt: now,
                lastUse: state.uses
            )
            insert(entry, request, &state)
            return (answer, waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: isComplete ? .take(given) : .again) }
        return given
    }

    private func insert(_ entry: Entry, _ request: RevocationRequest, _ state: inout State) {
        if let previous = state.entries.removeValue(forKey: request) { state.bytes -= previous.cost }
        // One large answer must not push out everything else.
        guard entry.cost <= maximumBytes / 2 else { return }
        state.entries[request] = entry
        state.bytes += entry.cost
        guard state.bytes > maximumBytes else { return }
        for (key, old) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard state.bytes > maximumBytes / 4 * 3 else { return }
            state.bytes -= old.cost
            state.entries[key] = nil
        }
    }
}
