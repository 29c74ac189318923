/// The signers of the demo.
enum SigningKey: String, Sendable, Hashable, CaseIterable {
    /// The company's own: an ECDSA key whose certificate a root certificate issued.
    case wabbit = "wabbit-networks.io"
    /// A partner: an RSA key with a self-signed certificate, as `notation cert generate-test` makes it.
    case acme = "acme-rockets.io"
    /// Nobody that any policy names.
    case stranger = "stranger.example"

    /// What policies call it.
    var authority: String {
        switch self {
        case .wabbit: "wabbit-networks"
        case .acme: "acme-rockets"
        case .stranger: "stranger"
        }
    }

    /// The identity that a policy names it by.
    var identity: String {
        switch self {
        case .wabbit: "C=US, ST=WA, L=Seattle, O=Wabbit Networks, CN=wabbit-networks.io"
        case .acme, .stranger: "C=US, ST=WA, L=Seattle, O=Notary, CN=\(rawValue)"
        }
    }
}
