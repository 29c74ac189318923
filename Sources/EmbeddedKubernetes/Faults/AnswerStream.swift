internal import KubernetesAPI
internal import Synchronization

/// One answer that is being sent, as the fault plan sees it: what shapes it, and how it ends.
///
/// ``AnswerBody`` asks it before each step; rules are attached and detached from outside meanwhile.
final class AnswerStream: Sendable {
    /// What happens next.
    enum Step {
        /// The body is over.
        case end
        case fail(TransportError)
        /// Nothing until something changes after this turn.
        case wait(UInt64)
        /// These bytes, which are no event.
        case send([UInt8])
        /// The next piece of the body.
        case proceed
    }

    fileprivate struct Effect {
        var id: FaultID
        var action: FaultAction
        /// Events since the rule took hold.
        var events = 0
        var isDone = false
        var splitter: BodySplitter?
    }

    fileprivate enum Ending {
        case endOfFile
        case failure(TransportError)
    }

    fileprivate struct State {
        var effects: [Effect] = []
        var ending: Ending?
        var interjections: [Interjection] = []
        var sent = 0
        var waitsSince: Duration?
    }

    let request: RequestDescription
    /// Its number in the plan.
    let number = Mutex(0)
    let signal = Signal()
    private let state = Mutex(State())
    /// Feeds the body; an empty element makes its reader look here.
    private let queue: WatchQueue
    /// Whether no rule can ever concern it.
    let isPlain: Bool
    /// How events go out; rules look at them in JSON.
    private let encoding: AnswerEncoding

    init(_ request: RequestDescription, _ source: WatchEvents, isPlain: Bool) {
        self.request = request
        queue = source.queue
        encoding = source.encoding
        self.isPlain = isPlain
    }

    private func wakeReader() {
        signal.send()
        _ = queue.push([])
    }

    // MARK: From outside

    func attach(_ fired: FaultPlan.Fired, seed: UInt64) {
        var splitter: BodySplitter?
        if case .split(let plan) = fired.action { splitter = BodySplitter(plan, seed: seed) }
        let effect = Effect(id: fired.id, action: fired.action, splitter: splitter)
        state.withLock { $0.effects.append(effect) }
        wakeReader()
    }

    func detach(_ ids: [FaultID]) {
        let hasChanged = state.withLock { state in
            let count = state.effects.count
            state.effects.removeAll { ids.contains($0.id) }
            return state.effects.count != count
        }
        if hasChanged { wakeReader() }
    }

    func end(_ end: StreamEnd) {
        switch end {
        case .endOfFile: finish(.endOfFile)
        case .reset: finish(.failure(.connectionReset))
        }
    }

    /// Ends the stream for its reader with an error of its own side.
    func fail(_ error: TransportError) { finish(.failure(error)) }

    private func finish(_ ending: Ending) {
        state.withLock { if $0.ending == nil { $0.ending = ending } }
        wakeReader()
        queue.finish()
    }

    func interject(_ interjection: Interjection) {
        state.withLock { $0.interjections.append(interjection) }
        wakeReader()
    }

    // MARK: The reader's side

    /// Since when the reader has been waiting for bytes; `nil`: it is busy with those it has.
    var waitsSince: Duration? {
        get { state.withLock { $0.waitsSince } }
        set { state.withLock { $0.waitsSince = newValue } }
    }

    /// What happens next.
    ///
    /// - Parameter hasPieces: whether pieces of an event are left that was taken up before.
    /// - Returns: the next step.
    func step(hasPieces: Bool) -> Step {
        let turn = signal.turn
        return state.withLock { state in
            switch state.ending {
            case .endOfFile: return .end
            case .failure(let error): return .fail(error)
            case nil: break
            }
            if state.effects.contains(where: { $0.freezes(hasPieces: hasPieces) }) { return .wait(turn) }
            guard !hasPieces else { return .proceed }
            if !state.interjections.isEmpty { return state.perform(state.interjections.removeFirst(), encoding) }
            for index in state.effects.indices where !state.effects[index].isDone {
                switch state.effects[index].action {
                case .interject(let interjection, let count) where state.effects[index].events >= count:
                    state.effects[index].isDone = true
                    return state.perform(interjection, encoding)
                case .end(let end, let count) where state.effects[index].events >= count:
                    state.effects[index].isDone = true
                    return end == .endOfFile ? .end : .fail(.connectionReset)
                default: break
                }
            }
            return .proceed
        }
    }

    /// Whether an event must wait, because it is kept back or follows one that is.
    func withholds(_ line: [UInt8], behindOthers: Bool) -> Bool {
        state.withLock { state in
            state.effects.contains { effect in
                guard case .withholdEvents(let match) = effect.action else { return false }
                return behindOthers || EventLine(line).matches(match)
            }
        }
    }

    var isWithholding: Bool {
        state.withLock { $0.effects.contains { if case .withholdEvents = $0.action { true } else { false } } }
    }

    /// The pieces in which an event arrives: none if it is lost.
    func pieces(of line: [UInt8]) -> [[UInt8]] {
        state.withLock { state in
            let event = EventLine(line)
            var copies = 1
            for effect in state.effects {
                switch effect.action {
                case .dropEvents(let match) where event.matches(match): copies = 0
                case .suppressBookmarks where event.isProgressBookmark: copies = 0
                case .duplicateEvents(let match) where event.matches(match): copies *= 2
                default: break
                }
            }
            for index in state.effects.indices { state.effects[index].events += copies }
            let bytes = encoding.encode(line: line)
            return (0..<copies).flatMap { _ in state.cut(bytes) }
        }
    }

    /// Takes a piece off that is about to be sent.
    ///
    /// - Returns: what of it is sent, and the time that sending it takes.
    func admit(_ piece: [UInt8]) -> (bytes: [UInt8], takes: Duration) {
        state.withLock { state in
            var bytes = piece
            var takes = Duration.zero
            for effect in state.effects {
                switch effect.action {
                case .truncate(let limit, let end) where state.sent + bytes.count >= limit:
                    bytes = Array(bytes.prefix(max(0, limit - state.sent)))
                    if state.ending == nil {
                        state.ending = end == .endOfFile ? .endOfFile : .failure(.connectionReset)
                    }
                case .drip(let rate): takes = .seconds(1) * (Double(bytes.count) / Double(max(1, rate)))
                default: break
                }
            }
            state.sent += bytes.count
            return (bytes, takes)
        }
    }
}

extension AnswerStream.Effect {
    fileprivate func freezes(hasPieces: Bool) -> Bool {
        guard case .freeze(let count) = action else { return false }
        return events >= count && (count == 0 || !hasPieces)
    }
}

extension AnswerStream.State {
    fileprivate mutating func perform(
        _ interjection: Interjection,
        _ encoding: AnswerEncoding
    ) -> AnswerStream.Step {
        if interjection.endsStream { ending = .endOfFile }
        return .send(encoding.encode(line: interjection.content))
    }

    /// Cuts bytes as the rules say.
    fileprivate mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces = [bytes]
        for index in effects.indices {
            if case .drip(let rate) = effects[index].action {
                // About ten pieces a second.
                var splitter = BodySplitter(.every(max(1, rate / 10)), seed: 0)
                pieces = pieces.flatMap { splitter.cut($0) }
            }
            guard var splitter = effects[index].splitter else { continue }
            pieces = pieces.flatMap { splitter.cut($0) }
            effects[index].splitter = splitter
        }
        return pieces
    }
}

extension TransportError {
    static let connectionReset = TransportError(.connectionLost, "The embedded API server's connection broke.")
    static let connectionRefused = TransportError(.unreachable, "The embedded API server refused the connection.")
}
