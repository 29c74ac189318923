import JSONModel

/// What the cluster says about images: the outcome for each namespace and digest.
struct VerificationTable: Sendable {
    struct Key: Sendable, Hashable {
        let namespace: String
        let digest: String
    }

    struct Row: Sendable, Hashable {
        let name: String
        let outcome: Expectation.Outcome
    }

    private(set) var rows: [Key: Row] = [:]

    init() {}

    /// Reads the output of `kubectl get imageverifications -A -o json`.
    ///
    /// - Throws: ``DemoError`` when it is no such list.
    init(list: String) throws {
        do {
            let root = try JSONParser().parse([UInt8](list.utf8))
            guard let items = root["items"]?.array else {
                throw DemoError(.unreadable, "kubectl printed no list of ImageVerifications.")
            }
            for item in items {
                record(
                    namespace: item["metadata"]?["namespace"]?.string ?? "",
                    name: item["metadata"]?["name"]?.string ?? "",
                    image: item["spec"]?["image"]?.string ?? "",
                    verdict: item["status"]?["verdict"]?.string ?? "",
                    reason: item["status"]?["reason"]?.string ?? ""
                )
            }
        } catch let error as JSONError {
            throw DemoError(.unreadable, "kubectl printed no JSON: \(error)")
        }
    }

    /// What is said about an image.
    func outcome(namespace: String, digest: String) -> Expectation.Outcome {
        rows[Key(namespace: namespace, digest: digest)]?.outcome ?? .absent
    }

    /// The name of the object for an image.
    func name(namespace: String, digest: String) -> String? {
        rows[Key(namespace: namespace, digest: digest)]?.name
    }

    /// Takes an object in; an object whose image has no digest says nothing about any.
    mutating func record(namespace: String, name: String, image: String, verdict: String, reason: String) {
        guard let key = Self.key(namespace: namespace, image: image) else { return }
        let outcome: Expectation.Outcome = verdict.isEmpty ? .undecided : .verdict(verdict, reason)
        rows[key] = Row(name: name, outcome: outcome)
    }

    /// Forgets a deleted object.
    mutating func remove(namespace: String, image: String) {
        guard let key = Self.key(namespace: namespace, image: image) else { return }
        rows[key] = nil
    }

    /// What an object speaks of, `nil` when its image has no digest.
    static func key(namespace: String, image: String) -> Key? {
        guard let digest = image.split(separator: "@", maxSplits: 1).dropFirst().first else { return nil }
        return Key(namespace: namespace, digest: String(digest))
    }
}
