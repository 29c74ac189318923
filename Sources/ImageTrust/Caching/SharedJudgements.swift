public import FoundationEssentials
public import OCIModel
import Synchronization
import TrustModel

/// Judges each image once under the same policies, however many namespaces and pods run it.
///
/// Callers that ask for the same judgement while it is being made wait for it; callers that ask later get it for as
/// long as it is young enough for them. An outage is not remembered, and neither is what a cancelled task found out.
public final class SharedJudgements: Sendable {
    private struct Key: Hashable {
        let images: Set<ImageReference>
        let platform: Platform?
        let policies: [String]
    }

    private struct Waiter {
        let ticket: UInt64
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var memories: [Key: DatedJudgement] = [:]
        /// Who waits for each judgement that is being made.
        var flights: [Key: [Waiter]] = [:]
        var nextTicket: UInt64 = 0
    }

    /// What a caller is to do.
    private enum Turn: Sendable {
        /// Take this judgement.
        case take(DatedJudgement)
        /// Make the judgement.
        case make
        /// Ask again: the one who made it was cancelled, or the caller itself was.
        case again
    }

    private let judge: ImageJudge
    private let capacity: Int
    private let state = Mutex(State())

    /// Creates an empty memory in front of `judge`.
    ///
    /// - Parameters:
    ///   - judge: makes the judgements.
    ///   - capacity: the most judgements remembered; when full, the oldest quarter is forgotten.
    public init(judge: ImageJudge, capacity: Int = 20_000) {
        self.judge = judge
        self.capacity = max(1, capacity)
    }

    /// Judges an image that is known under one or several references, all of which must be satisfied.
    ///
    /// When the task is cancelled, the answer is `Unknown` with an outage's reason, and nobody else gets it.
    ///
    /// - Parameters:
    ///   - images: the references, at least one, all of the same digest.
    ///   - platform: the platform it runs on, where known.
    ///   - policies: the policies that speak for it; each is applied to the references in its scope.
    ///   - age: how old a remembered judgement may be.
    ///   - now: the present moment.
    /// - Returns: what all policies together hold of the image under every reference, and since when.
    public func judgement(
        of images: [ImageReference],
        platform: Platform? = nil,
        policies: [PreparedPolicy],
        within age: JudgementAge,
        now: @Sendable () -> Date
    ) async -> DatedJudgement {
        let key = Key(
            images: Set(images),
            platform: platform,
            policies: policies.map { "\($0.policy.name)#\($0.revision)" }.sorted()
        )
        while !Task.isCancelled {
            switch await turn(key, within: age, now: now()) {
            case .take(let judgement): return judgement
            case .again: continue
            case .make:
                let madeAt = now()
                let judgement = await judge(images, platform: platform, policies: policies, now: madeAt)
                let dated = DatedJudgement(judgement: judgement, madeAt: madeAt)
                land(key, dated)
                return dated
            }
        }
        return DatedJudgement(judgement: Self.cancelled(policies, digest: images.first?.digest), madeAt: now())
    }

    private func judge(
        _ images: [ImageReference],
        platform: Platform?,
        policies: [PreparedPolicy],
        now: Date
    ) async -> ImageJudgement {
        var judgements: [PolicyJudgement] = []
        var digest: Digest?
        for image in images {
            let speaking = policies.filter { $0.policy.scope.contains(image.repository) }
            let judgement = await judge.judge(image, platform: platform, policies: speaking, now: now)
            digest = digest ?? judgement.digest
            judgements += judgement.judgements
        }
        return ImageJudgement(combining: judgements, digest: digest)
    }

    private static func cancelled(_ policies: [PreparedPolicy], digest: Digest?) -> ImageJudgement {
        let judgements = policies.map {
            PolicyJudgement(
                policy: $0.policy.name,
                verdict: .unknown,
                reason: .registryUnreachable,
                message: "the judgement was cancelled before the registry had been asked",
                findings: []
            )
        }
        return ImageJudgement(combining: judgements, digest: digest)
    }
}

// MARK: - Turns

extension SharedJudgements {
    /// Finds out what the caller is to do, waiting for whoever is making the judgement.
    private func turn(_ key: Key, within age: JudgementAge, now: Date) async -> Turn {
        let ticket = state.withLock { state -> UInt64 in
            state.nextTicket &+= 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn = state.withLock { state -> Turn? in
                    if Task.isCancelled { return .again }
                    if let memory = state.memories[key], age.allows(memory, at: now) {
                        return .take(memory)
                    }
                    if state.flights[key] == nil {
                        state.flights[key] = []
                        return .make
                    }
                    state.flights[key]?.append(Waiter(ticket: ticket, continuation: continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.flights[key]?.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.flights[key]?.remove(at: index)
            }
            waiter?.continuation.resume(returning: .again)
        }
    }

    /// Hands a finished judgement to those who wait for it, and remembers it.
    private func land(_ key: Key, _ judgement: DatedJudgement) {
        // What a cancelled task found out is no judgement: whoever waits has to ask again.
        let isComplete = !Task.isCancelled
        let waiters = state.withLock { state in
            // An outage is not worth remembering: the next caller may have better luck.
            if isComplete, !judgement.judgement.reason.isOutage {
                if state.memories[key] == nil, state.memories.count >= capacity { forgetOldest(&state) }
                state.memories[key] = judgement
            }
            return state.flights.removeValue(forKey: key) ?? []
        }
        for waiter in waiters { waiter.continuation.resume(returning: isComplete ? .take(judgement) : .again) }
    }

    private func forgetOldest(_ state: inout State) {
        let byAge = state.memories.sorted { $0.value.madeAt < $1.value.madeAt }
        for (key, _) in byAge.prefix(max(1, capacity / 4)) { state.memories[key] = nil }
    }
}
