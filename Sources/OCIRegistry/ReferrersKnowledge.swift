internal import OCIModel

/// Where the referrers of a repository are found: by the API, or under tags alone.
///
/// A value: its methods take the time, since whatever beginning. A registry without the API answers each question about
/// it with 404 before the tag is read; for ``absence`` the first of the two is spared. That knowledge can only hide
/// referrers that the API lists, never invent one, and little of it is needed to be safe:
/// - it is kept for each repository and credential, since some registries are several behind one host, and since no
///   repository may speak for another;
/// - an answer that lists wins over answers that do not, for ``presence``: a failure that looks like a missing API hides
///   nothing where the API was seen;
/// - the tag is read in any case.
struct ReferrersKnowledge: Sendable {
    /// How long it is believed that there is no API, and that a tag is absent where the API lists nothing.
    static let absence: Duration = .seconds(600)
    /// How long an answer of the API counts for more than its absence.
    static let presence: Duration = .seconds(3600)
    /// The most repositories that are known.
    static let maximumRepositories = 1024
    /// The most tags that are known to be absent.
    static let maximumTags = 16_384

    private enum Standing: Hashable {
        case present(until: Duration)
        case absent(until: Duration)

        func isOver(_ now: Duration) -> Bool {
            switch self {
            case .present(let until), .absent(let until): until <= now
            }
        }
    }

    private var standings: [String: Standing] = [:]
    private struct Tag: Hashable {
        let repository: String
        let digest: Digest
    }

    private var absentTags: [Tag: Duration] = [:]

    init() {}

    /// Of how many repositories something is known.
    var repositories: Int { standings.count }
    /// How many tags are known to be absent.
    var tags: Int { absentTags.count }

    /// Whether the API is to be asked.
    func asksAPI(_ repository: RepositoryName, now: Duration) -> Bool {
        guard case .absent(let until) = standings[repository.path] else { return true }
        return until <= now
    }

    /// The API answered, or is not there.
    mutating func learned(hasAPI: Bool, _ repository: RepositoryName, now: Duration) {
        if !hasAPI, case .present(let until) = standings[repository.path], until > now { return }
        if standings[repository.path] == nil, standings.count >= Self.maximumRepositories {
            standings = standings.filter { !$0.value.isOver(now) }
            if standings.count >= Self.maximumRepositories { standings = [:] }
        }
        standings[repository.path] =
            hasAPI ? .present(until: now + Self.presence) : .absent(until: now + Self.absence)
    }

    /// Whether the tag of a digest, for which the API lists nothing, need not be read.
    func lacksTag(_ repository: RepositoryName, _ digest: Digest, now: Duration) -> Bool {
        guard case .present(let until) = standings[repository.path], until > now else { return false }
        return (absentTags[Tag(repository: repository.path, digest: digest)] ?? .zero) > now
    }

    /// The tag of a digest was read.
    mutating func learned(hasTag: Bool, _ repository: RepositoryName, _ digest: Digest, now: Duration) {
        let tag = Tag(repository: repository.path, digest: digest)
        guard !hasTag else {
            absentTags[tag] = nil
            return
        }
        if absentTags.count >= Self.maximumTags {
            absentTags = absentTags.filter { $0.value > now }
            if absentTags.count >= Self.maximumTags { absentTags = [:] }
        }
        absentTags[tag] = now + Self.absence
    }
}
