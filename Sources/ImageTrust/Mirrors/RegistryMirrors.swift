public import OCIModel

/// A place that holds copies of repositories.
public struct RegistryMirror: Sendable, Hashable, CustomStringConvertible {
    /// Whose word counts about which signatures there are, and who is asked for everything else.
    public enum Evidence: String, Sendable, Hashable, CaseIterable {
        /// The origin alone is asked.
        case origin
        /// The mirror alone is asked.
        case mirror
        /// What both say counts together.
        case both
    }

    /// The repositories as policies know them.
    public let from: RepositoryPrefix
    /// Where the copies are.
    public let to: RepositoryPrefix
    /// Who is asked.
    public let evidence: Evidence

    /// Puts the parts together.
    public init(from: RepositoryPrefix, to: RepositoryPrefix, evidence: Evidence) {
        self.from = from
        self.to = to
        self.evidence = evidence
    }

    /// Reads `FROM=TO=EVIDENCE`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let from = RepositoryPrefix(parts[0]), let to = RepositoryPrefix(parts[1]),
            let evidence = Evidence(rawValue: parts[2])
        else { return nil }
        self.init(from: from, to: to, evidence: evidence)
    }

    /// `FROM=TO=EVIDENCE`.
    public var description: String { "\(from)=\(to)=\(evidence.rawValue)" }
}

/// All mirrors of a process.
///
/// The name of an image is that of its origin, wherever it was pulled from: policies, statuses and messages know no other.
public struct RegistryMirrors: Sendable, Hashable {
    /// Why mirrors contradict each other, as a sentence.
    public struct Defect: Error, Sendable, Hashable {
        /// The sentence.
        public let message: String
    }

    /// The mirrors.
    public let mirrors: [RegistryMirror]

    /// None.
    public static let none = RegistryMirrors(checked: [])

    private init(checked mirrors: [RegistryMirror]) { self.mirrors = mirrors }

    /// Checks that every repository has one origin and one mirror at most.
    ///
    /// - Throws: ``Defect``: two have the same `from`, the places of two overlap, or a mirror is at a place that another
    ///   mirror is of.
    public init(_ mirrors: [RegistryMirror]) throws(Defect) {
        for (index, mirror) in mirrors.enumerated() {
            for other in mirrors[..<index] {
                if other.from == mirror.from { throw Defect(message: "\(mirror.from) has two mirrors; name one") }
                if other.to.overlaps(mirror.to) {
                    throw Defect(
                        message: "the mirrors at \(other.to) and \(mirror.to) overlap, so that an image there has two "
                            + "origins"
                    )
                }
            }
            if let other = mirrors.first(where: { $0.from.overlaps(mirror.to) }) {
                throw Defect(
                    message:
                        "the mirror at \(mirror.to) overlaps \(other.from), which has a mirror itself; name the first "
                        + "origin"
                )
            }
        }
        self.init(checked: mirrors)
    }

    /// The repository that a name at a mirror stands for; any other name is its own.
    public func origin(of repository: RepositoryName) -> RepositoryName {
        for mirror in mirrors {
            if let rest = mirror.to.rest(of: repository) { return mirror.from.repository(rest) ?? repository }
        }
        return repository
    }

    /// The same reference to the origin.
    public func origin(of reference: ImageReference) -> ImageReference {
        ImageReference(repository: origin(of: reference.repository), tag: reference.tag, digest: reference.digest)
    }

    /// Who is asked about a repository, named by its origin.
    func places(of origin: RepositoryName) -> Places {
        let mirror = mirrors.filter { $0.from.rest(of: origin) != nil }.max { $0.from.path.count < $1.from.path.count }
        guard let mirror, mirror.evidence != .origin, let rest = mirror.from.rest(of: origin),
            let copy = mirror.to.repository(rest)
        else { return .one(origin) }
        return mirror.evidence == .mirror ? .one(copy) : .both(origin: origin, mirror: copy)
    }

    /// Every repository that is asked about `repositories`, named by their origins.
    public func asked(_ repositories: Set<RepositoryName>) -> Set<RepositoryName> {
        repositories.reduce(into: []) { asked, repository in
            switch places(of: repository) {
            case .one(let place): asked.insert(place)
            case .both(let origin, let mirror): asked.formUnion([origin, mirror])
            }
        }
    }

    /// Who is asked about a repository.
    enum Places: Sendable, Hashable {
        /// This alone.
        case one(RepositoryName)
        /// Both.
        case both(origin: RepositoryName, mirror: RepositoryName)
    }

    /// `registry`, asked for images by the names of their origins.
    public func registry(over registry: any ImageRegistry) -> any ImageRegistry {
        mirrors.isEmpty ? registry : MirroredRegistry(registry, mirrors: self)
    }
}
