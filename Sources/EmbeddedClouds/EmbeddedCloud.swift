/// A stand-in for the services of a cloud.
public protocol EmbeddedCloud: Sendable {
    /// The answer to a request.
    func answer(_ request: CloudRequest) -> CloudAnswer

    /// Has every service answer at one address, `host:port`, where that is possible.
    func move(to authority: String)
}

/// What a test makes of answers, and what was asked: the same for every stand-in.
struct CloudLog: Sendable {
    /// What is answered instead of the truth.
    private struct Fault: Sendable {
        var host: String?
        var prefix: String
        var count: Int
        var answer: CloudAnswer
    }

    private(set) var requests: [CloudRequest] = []
    private var faults: [Fault] = []

    /// Answers the next `count` requests to `host` whose path begins with `prefix` with `answer`.
    mutating func fail(_ host: String?, _ prefix: String, count: Int, with answer: CloudAnswer) {
        faults.append(Fault(host: host, prefix: prefix, count: count, answer: answer))
    }

    /// Ends every fault.
    mutating func heal() { faults = [] }

    /// Forgets what was asked.
    mutating func forget() { requests = [] }

    /// Keeps a request; the answer where it is not to be the truth.
    mutating func note(_ request: CloudRequest) -> CloudAnswer? {
        requests.append(request)
        let index = faults.firstIndex {
            request.path.hasPrefix($0.prefix) && ($0.host ?? request.host) == request.host && $0.count > 0
        }
        guard let index else { return nil }
        faults[index].count -= 1
        return faults[index].answer
    }
}
