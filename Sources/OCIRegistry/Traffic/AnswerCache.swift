internal import OCIModel
internal import OutboundHTTP
internal import Synchronization

/// Answers that can be asked for again with "only if it changed" (RFC 9110 §13.1.2), within a fixed amount of memory; the
/// longest unused go first.
///
/// Each belongs to the session that read it, that is to one credential at one registry: nobody is given what another was
/// told. Nothing in it is believed without being asked for again, and what is read from it is checked as if it had just
/// arrived.
final class AnswerCache: Sendable {
    /// What can be asked for again.
    struct Key: Hashable, Sendable {
        let session: UInt64
        let url: OutboundURL
    }

    /// What was answered.
    struct Known: Sendable {
        let response: OutboundResponse
        /// The `ETag`, quotes included.
        let tag: String?
        /// What `Docker-Content-Digest` said.
        let digest: String?
        /// When it was answered, since whatever beginning.
        let answeredAt: Duration

        /// An answer with status 200; `nil` when it says nothing by which it could be recognised, or is too large.
        ///
        /// Neither is kept of a list that goes on elsewhere: the tag of a page may speak of its body alone, so that a page
        /// behind it could come or go unseen.
        init?(_ response: OutboundResponse, at now: Duration = .zero) {
            guard response.headers.values("link").isEmpty else { return nil }
            answeredAt = now
            let tags = response.headers.values("etag")
            tag = tags.count == 1 ? tags.first.flatMap { Self.isTag($0) ? $0 : nil } : nil
            let digests = response.headers.values("docker-content-digest")
            digest = digests.count == 1 ? digests.first.flatMap { (try? Digest($0))?.description } : nil
            guard tag != nil || digest != nil, response.body.count <= AnswerCache.maximumBody else { return nil }
            var kept = OutboundResponse(status: 200, body: response.body)
            for name in ["content-type", "docker-content-digest"] {
                for value in response.headers.values(name) { kept.headers.append(name, value) }
            }
            self.response = kept
        }

        /// The same answer, given the header of another that says that nothing changed: what goes on elsewhere now, does.
        func confirmed(by unchanged: OutboundResponse) -> OutboundResponse {
            var confirmed = response
            for value in unchanged.headers.values("link") { confirmed.headers.append("link", value) }
            return confirmed
        }

        fileprivate var cost: Int { response.body.count + AnswerCache.overhead }

        /// Whether a text is an entity tag (RFC 9110 §8.8.3), and a short one.
        private static func isTag(_ text: String) -> Bool {
            let opaque = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
            guard opaque.utf8.count <= 256, opaque.utf8.count >= 2, opaque.hasPrefix("\""), opaque.hasSuffix("\"")
            else {
                return false
            }
            return opaque.utf8.dropFirst().dropLast().allSatisfy { $0 >= 0x21 && $0 != 0x22 && $0 != 0x7f && $0 < 0x80 }
        }
    }

    private struct State {
        var entries: [Key: (known: Known, lastUse: UInt64)] = [:]
        var bytes = 0
        var clock: UInt64 = 0
        var sessions: UInt64 = 0
    }

    /// The largest answer that is kept: listings of a few hundred signatures.
    static let maximumBody = 256 << 10
    /// What an answer costs besides its body.
    static let overhead = 1024
    /// How long a list is asked for only if it changed; then it is transferred anew, whatever its tag.
    static let listingLife: Duration = .seconds(600)

    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumBytes: Int) { self.maximumBytes = max(0, maximumBytes) }

    /// A number that no other session has.
    func newSession() -> UInt64 {
        state.withLock { state in
            state.sessions &+= 1
            return state.sessions
        }
    }

    /// How much memory the answers take.
    var bytes: Int { state.withLock(\.bytes) }

    func known(_ key: Key) -> Known? {
        state.withLock { state in
            guard let entry = state.entries[key] else { return nil }
            state.clock &+= 1
            state.entries[key] = (entry.known, state.clock)
            return entry.known
        }
    }

    /// Keeps an answer in place of an earlier one; `nil` forgets that.
    func keep(_ known: Known?, _ key: Key) {
        state.withLock { state in
            if let earlier = state.entries.removeValue(forKey: key) { state.bytes -= earlier.known.cost }
            guard let known, known.cost <= maximumBytes / 4 else { return }
            state.clock &+= 1
            state.entries[key] = (known, state.clock)
            state.bytes += known.cost
            guard state.bytes > maximumBytes else { return }
            for (key, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                guard state.bytes > maximumBytes / 4 * 3 else { return }
                state.bytes -= entry.known.cost
                state.entries[key] = nil
            }
        }
    }
}
