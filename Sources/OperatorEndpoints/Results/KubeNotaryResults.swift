import JSONModel
import KubernetesAPI
import TrustModel
import TrustResources

/// The results in the shape of kube-notary's `/results`, for what was made to read those.
///
/// One entry for each image, in the order in which its first pod comes. Differences: the hash is that of the image's manifest
/// and not of its configuration; of an image that runs in several namespaces the worst verdict stands; images without a
/// digest are there, with an empty hash, and so are init and ephemeral containers; the runtime's container IDs are not
/// kept; and pods that are gone are gone.
struct KubeNotaryResults {
    private struct Entry {
        var hash: String
        var containers: [RunningContainer] = []
        var verdicts: Set<ObjectKey> = []
    }

    /// What tells images apart: the hash, or the reference where there is none.
    private struct Identity: Hashable {
        var hash: String
        var reference: String
    }

    /// The most containers in one answer, about 16 MiB of it.
    static let maximumContainers = 50_000

    private let entries: [Entry]
    private let results: [ObjectKey: ImageResult]

    /// Puts together what runs with what is held of it.
    init(_ containers: [RunningContainer], _ snapshot: ResultsSnapshot) {
        var entries: [Entry] = []
        var positions: [Identity: Int] = [:]
        for container in containers {
            let identity = Identity(
                hash: container.hash,
                reference: container.hash.isEmpty ? container.verification.name : ""
            )
            let position = positions[identity] ?? entries.count
            if position == entries.count {
                positions[identity] = position
                entries.append(Entry(hash: container.hash))
            }
            entries[position].containers.append(container)
            entries[position].verdicts.insert(container.verification)
        }
        self.entries = entries
        results = Dictionary(snapshot.images.map { ($0.key, $0) }) { first, _ in first }
    }

    /// The answer.
    ///
    /// Written entry by entry: a cluster's containers as one tree of values would be several times as large.
    var bytes: [UInt8] {
        let serializer = JSONSerializer()
        var output = Array("[".utf8)
        for (index, entry) in entries.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output += serializer.bytes(json(entry))
        }
        output += "]\n".utf8
        return output
    }

    private func json(_ entry: Entry) -> JSONValue {
        // What nobody has judged is unknown.
        let verdicts = entry.verdicts.sorted().map { (results[$0], results[$0]?.verdict ?? .unknown) }
        let worst = verdicts.max { $0.1 < $1.1 }
        let verdict = worst?.1 ?? .unknown
        var members: [String: JSONValue] = [
            "hash": .string(entry.hash),
            "containers": .array(entry.containers.map(\.json)),
            "verification": [
                "level": verdict == .unknown ? 0 : 98,
                "status": Self.code(verdict),
                "timestamp": .string(Self.timestamp(worst?.0, verdict)),
                "trusted": .bool(verdict == .trusted),
            ],
        ]
        let errors = Set(verdicts.compactMap { $0.0.flatMap(Self.error) }).sorted()
        if !errors.isEmpty { members["errors"] = JSONValue(errors) }
        return .object(members)
    }

    private static func code(_ verdict: Verdict) -> JSONValue {
        switch verdict {
        case .trusted: 0
        case .untrusted: 1
        case .unknown: 2
        case .unsupported: 3
        }
    }

    /// When the evidence says that it was made.
    private static func timestamp(_ result: ImageResult?, _ verdict: Verdict) -> String {
        let findings = result?.status?.findings ?? []
        return findings.lazy.filter { $0.verdict == verdict }.compactMap(\.signedAt).first?.description ?? ""
    }

    /// Why nobody could be asked, or what to ask about; there are no other errors here: bad evidence is a verdict.
    private static func error(_ result: ImageResult) -> String? {
        if result.isStale { return result.status?.conditions?[type: ConditionType.fresh]?.message }
        let isUnreadable = [.notInRegistry, .referenceInvalid].contains(result.reason)
        return result.reason.isOutage || isUnreadable ? result.status?.message : nil
    }
}

extension RunningContainer {
    fileprivate var json: JSONValue {
        [
            "namespace": .string(pod.namespace ?? ""), "pod": .string(pod.name), "container": .string(container),
            "containerID": "", "image": .string(image), "imageID": .string(imageID),
        ]
    }
}
