import OCIModel
import Synchronization
import TrustResources

/// Remembers which tag the answer to a question had, so that who has it already is told so without making it again.
final class AnswerTags: Sendable {
    private struct Entry {
        var revision: ResultsRevision
        var tag: String
    }

    /// How many questions are remembered, and how long one may be in bytes.
    private static let (capacity, longest) = (64, 1024)

    private let entries = Mutex<[String: Entry]>([:])

    /// The tag of the answer to `question`, if nothing has changed since it was made.
    func tag(of question: String, at revision: ResultsRevision) -> String? {
        entries.withLock { $0[question] }.flatMap { $0.revision == revision ? $0.tag : nil }
    }

    /// Remembers the tag of an answer.
    func remember(_ tag: String, of question: String, at revision: ResultsRevision) {
        guard question.utf8.count <= Self.longest else { return }
        entries.withLock { entries in
            if entries.count >= Self.capacity, entries[question] == nil { entries = [:] }
            entries[question] = Entry(revision: revision, tag: tag)
        }
    }

    /// The tag of an answer: 128 bits of its SHA-256, so that every replica gives the same content the same tag.
    static func tag(of body: [UInt8]) -> String { "\"\(Digest.of(body).hex.prefix(32))\"" }

    /// Whether a client that sends `header` as `If-None-Match` has what `tag` stands for (RFC 9110, 13.1.2).
    static func isKnown(_ tag: String, to header: String?) -> Bool {
        guard let header, header.utf8.count <= 4096 else { return false }
        return header.split(separator: ",").contains { part in
            var word = part.trimmingPrefix { $0 == " " || $0 == "\t" }
            while word.last == " " || word.last == "\t" { word = word.dropLast() }
            // A proxy that compresses makes a tag weak; for reading again that is as good.
            if word.hasPrefix("W/") { word = word.dropFirst(2) }
            return word == tag || word == "*"
        }
    }
}
