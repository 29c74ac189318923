internal import KubernetesAPI

/// Who sends a request.
struct Caller: Sendable {
    /// The `User-Agent`.
    var userAgent: String
    /// The name in records and for faults; empty: the `User-Agent`.
    var client: String
    /// Whom the connection stands for, where it stands for somebody.
    var user: ClusterUser?
}

/// An answer on its way to the client.
enum Delivery: Sendable {
    /// In one piece.
    case complete(APIResponse)
    /// Read as it arrives.
    case streamed(StreamedAnswer)
}

/// An answer that is read as it arrives.
struct StreamedAnswer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: AnswerBody
    /// The watch behind it, if it is one.
    var session: WatchSession?

    var stream: AnswerStream { body.stream }
}

extension EmbeddedCluster {
    /// Serves one request, with everything that goes wrong on the way there, in the server and on the way back.
    ///
    /// - Throws: `TransportError` when the connection fails; `CancellationError` when the task is cancelled while the
    ///   request waits.
    nonisolated func exchange(_ request: APIRequest, from caller: Caller) async throws -> Delivery {
        try await configuration.observer?(request)
        let description = RequestDescription(request, client: caller.client, userAgent: caller.userAgent)
        let encoding: AnswerEncoding = configuration.speaksProtobuf ? AnswerEncoding(request) : .json
        let request = encoding.inner(request)
        guard let plan = configuration.faults else {
            return deliver(await respond(to: request, description, as: caller.user), encoding, description, [])
        }
        let (number, fired) = plan.arrive(description, at: clock.now)
        do {
            let answer = try await answer(request, description, caller.user, fired, plan)
            let delivery = deliver(answer, encoding, description, fired)
            switch delivery {
            case .complete(let response): plan.conclude(number, .answered(response.status))
            case .streamed(let streamed): plan.conclude(number, .answered(streamed.status))
            }
            return delivery
        } catch {
            plan.conclude(number, .failed("\(error)"))
            throw error
        }
    }

    /// The server's answer, or what stands in its place.
    private nonisolated func answer(
        _ request: APIRequest,
        _ description: RequestDescription,
        _ user: ClusterUser?,
        _ fired: [FaultPlan.Fired],
        _ plan: FaultPlan
    ) async throws -> Answer {
        var readVersion: Int64?
        for fault in fired {
            switch fault.action {
            case .delay(let time): try await clock.sleep(for: time)
            case .jitter(let range): try await clock.sleep(for: plan.random(in: range))
            case .refuseConnection: throw TransportError.connectionRefused
            case .reset(.beforeCommit): throw TransportError.connectionReset
            case .blackHole(.beforeCommit, let healing): try await hold(fault.id, healing, plan)
            case .respond(let response): return .complete(response)
            case .expireContinueToken: return .complete(Self.expiredPage(request))
            case .serveStale(let behind): readVersion = await store.revision - behind
            case .serveAt(let version): readVersion = version
            default: break
            }
        }
        let answer = await respond(to: request, description, as: user, readVersion: readVersion)
        do {
            for fault in fired {
                switch fault.action {
                case .reset(.afterCommit): throw TransportError.connectionReset
                case .blackHole(.afterCommit, let healing): try await hold(fault.id, healing, plan)
                default: break
                }
            }
        } catch {
            if case .watch(let session, _) = answer { await endWatch(session.id) }
            throw error
        }
        return answer
    }

    /// Waits until the rule is gone.
    private nonisolated func hold(_ id: FaultID, _ healing: AfterHealing, _ plan: FaultPlan) async throws {
        let mayGoOn = try await plan.waitForRemoval(of: id)
        guard mayGoOn, healing == .proceed else { throw TransportError.connectionReset }
    }

    private static func expiredPage(_ request: APIRequest) -> APIResponse {
        let text = request.query.last { $0.name == "continue" }?.value ?? ""
        let start = ContinueToken(text)?.start ?? ObjectKey(namespace: "", name: "")
        return response(
            .expired(
                "The provided continue parameter is too old to display a consistent list result.",
                continuation: ContinueToken(revision: -1, start: start).text
            )
        )
    }

    /// Puts an answer on its way: watches, and whatever a rule shapes, as a stream.
    private nonisolated func deliver(
        _ answer: Answer,
        _ encoding: AnswerEncoding,
        _ description: RequestDescription,
        _ fired: [FaultPlan.Fired]
    ) -> Delivery {
        let shaping = fired.filter(\.action.shapesBody)
        let source: WatchEvents
        let (status, headers, session): (Int, [String: String], WatchSession?)
        switch answer {
        case .complete(let answer):
            let response = encoding.encode(answer)
            guard !shaping.isEmpty else { return .complete(response) }
            source = WatchEvents(initial: nil, queue: WatchQueue(capacity: 1), encoding: .json)
            _ = source.queue.push(response.body)
            source.queue.finish()
            (status, headers, session) = (response.status, response.headers, nil)
        case .watch(let watch, let fields):
            source = WatchEvents(initial: watch.events.initial, queue: watch.events.queue, encoding: encoding)
            (status, headers, session) = (200, encoding.encode(fields), watch)
        }
        let plan = configuration.faults
        let stream = AnswerStream(description, source, isPlain: plan == nil)
        for fault in shaping { stream.attach(fault, seed: plan?.seed ?? 0) }
        plan?.open(stream)
        let body = AnswerBody(source: source, stream: stream, clock: clock)
        return .streamed(StreamedAnswer(status: status, headers: headers, body: body, session: session))
    }

    /// Ends what stands behind an answer when its reader has gone.
    nonisolated func close(_ answer: StreamedAnswer) async {
        configuration.faults?.close(answer.stream)
        if let session = answer.session { await endWatch(session.id) }
    }
}
