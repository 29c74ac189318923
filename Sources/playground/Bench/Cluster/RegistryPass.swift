/// What a registry was asked while images were looked at, told apart by what the requests were for.
struct RegistryPass: Sendable {
    /// One request.
    struct Request: Sendable {
        /// Path and query as sent.
        let target: String
        /// Whether it asks for the answer only if that has changed (RFC 9110 §13.1.2).
        let isConditional: Bool
    }

    /// How many requests there were.
    let requests: Int
    /// How many of them ask for what has changed alone.
    let conditional: Int
    /// How often each manifest's list of referrers was asked for, by digest.
    private let lists: [String: Int]

    /// Sorts `requests` out.
    init(_ requests: [Request]) {
        self.requests = requests.count
        conditional = requests.count { $0.isConditional }
        lists = requests.compactMap { Self.listed($0.target) }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// Of how many manifests a list of referrers was asked for.
    var images: Int { lists.count }

    /// The most requests for the list of one manifest.
    var most: Int { lists.values.max() ?? 0 }

    /// How many requests were for anything but such lists.
    var others: Int { requests - lists.values.reduce(0, +) }

    /// The digest whose referrers a request is for (OCI distribution specification, "Listing Referrers").
    private static func listed(_ target: String) -> String? {
        let parts = target.prefix { $0 != "?" }.split(separator: "/")
        guard parts.dropLast().last == "referrers" else { return nil }
        return parts.last.map(String.init)
    }
}
