/// The real programs that the demo runs.
enum Tool: String, Sendable, CaseIterable {
    case registry = "docker-registry"
    case oras, notation, openssl, kubectl
    case vigil
}
