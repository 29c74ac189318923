/// What a request is about (distribution-spec, "Endpoints").
enum RegistryRoute: Sendable, Hashable {
    case version
    case token
    case manifest(repository: String, reference: String)
    case blob(repository: String, digest: String)
    case uploads(repository: String)
    case upload(repository: String, id: String)
    case referrers(repository: String, digest: String)
    case tags(repository: String)

    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }.dropFirst()
        if path == "/token" {
            self = .token
            return
        }
        guard parts.first == "v2" else { return nil }
        let rest = Array(parts.dropFirst())
        if rest.isEmpty || rest == [""] {
            self = .version
            return
        }
        func name(_ dropping: Int) -> String { rest.dropLast(dropping).joined(separator: "/") }
        let tail = rest.suffix(3).map { $0 }
        if rest.count > 3, tail[0] == "blobs", tail[1] == "uploads" {
            self = tail[2].isEmpty ? .uploads(repository: name(3)) : .upload(repository: name(3), id: tail[2])
        } else if rest.count > 2, rest.suffix(2) == ["blobs", "uploads"] {
            self = .uploads(repository: name(2))
        } else if rest.count > 2, rest.suffix(2) == ["tags", "list"] {
            self = .tags(repository: name(2))
        } else if rest.count > 2, let last = rest.last, let kind = rest.dropLast().last, !last.isEmpty {
            switch kind {
            case "manifests": self = .manifest(repository: name(2), reference: last)
            case "blobs": self = .blob(repository: name(2), digest: last)
            case "referrers": self = .referrers(repository: name(2), digest: last)
            default: return nil
            }
        } else {
            return nil
        }
    }

    /// The repository it is in.
    var repository: String? {
        switch self {
        case .version, .token: nil
        case .manifest(let name, _), .blob(let name, _), .uploads(let name), .upload(let name, _),
            .referrers(let name, _), .tags(let name):
            name
        }
    }
}
