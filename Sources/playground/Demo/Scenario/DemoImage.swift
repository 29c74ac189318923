/// An image of the demo: who signed it, what happened to it, and what Vigil is expected to say about it.
struct DemoImage: Sendable {
    /// The part it plays; also the name of its container.
    enum Role: String, Sendable, CaseIterable {
        case web, migrate, proxy, cart, search, api, report, batch, legacy, ledger
    }

    enum Team: String, Sendable, CaseIterable {
        case shop, payments
    }

    /// Whose key signed it, and in which envelope.
    enum Signature: Sendable, Hashable {
        case jws(SigningKey)
        case cose(SigningKey)
    }

    let role: Role
    let team: Team
    let tag: String
    var signature: Signature?
    var isMultiPlatform = false
    /// Whether the registry serves other bytes than those that were signed.
    var isSignatureAltered = false
    /// Whether its registry asks for a password, which the pods of its team have.
    var isPrivate = false
    /// What is said where it runs in another team's namespace.
    var elsewhere: Elsewhere?
    /// What the policy says about its digest by hand.
    var decision: Decision?
    /// How it differs from the others, in a few words.
    let story: String
    let expected: Expectation.Outcome

    struct Decision: Sendable {
        let verdict: String
        let reason: String
    }

    /// An image that runs in another team's namespace too.
    struct Elsewhere: Sendable {
        let team: Team
        let story: String
        let expected: Expectation.Outcome
    }

    /// The repository's path below the registry.
    var repository: String { "\(team.rawValue)/\(role.rawValue)" }

    /// Everything that runs at the start, with the verdicts that `docs` and the API promise.
    static let all: [DemoImage] = [
        DemoImage(
            role: .web,
            team: .shop,
            tag: "v1",
            signature: .jws(.wabbit),
            story: "signed, JWS envelope",
            expected: .verdict("Trusted", "Verified")
        ),
        DemoImage(
            role: .migrate,
            team: .shop,
            tag: "v1",
            signature: .cose(.wabbit),
            story: "signed, COSE envelope; init container",
            expected: .verdict("Trusted", "Verified")
        ),
        DemoImage(
            role: .proxy,
            team: .shop,
            tag: "v2",
            signature: .jws(.wabbit),
            isMultiPlatform: true,
            story: "its multi-platform index is signed; sidecar",
            expected: .verdict("Trusted", "Verified")
        ),
        DemoImage(
            role: .cart,
            team: .shop,
            tag: "v1",
            story: "not signed",
            expected: .verdict("Unknown", "NoSignature")
        ),
        DemoImage(
            role: .search,
            team: .shop,
            tag: "v3",
            signature: .jws(.wabbit),
            isSignatureAltered: true,
            story: "its signature was altered in the registry",
            expected: .verdict("Untrusted", "SignatureInvalid")
        ),
        DemoImage(
            role: .api,
            team: .payments,
            tag: "v1",
            signature: .jws(.acme),
            story: "signed by a partner",
            expected: .verdict("Trusted", "Verified")
        ),
        DemoImage(
            role: .report,
            team: .payments,
            tag: "v1",
            signature: .cose(.stranger),
            story: "signed by somebody the policy does not name",
            expected: .verdict("Unknown", "NoTrustedSignature")
        ),
        DemoImage(
            role: .batch,
            team: .payments,
            tag: "v1",
            signature: .jws(.wabbit),
            decision: Decision(verdict: "Untrusted", reason: "CVE-2026-1234"),
            story: "signed, but marked untrusted in the policy",
            expected: .verdict("Untrusted", "MarkedUntrusted")
        ),
        DemoImage(
            role: .legacy,
            team: .payments,
            tag: "v0",
            signature: .jws(.wabbit),
            decision: Decision(verdict: "Unsupported", reason: "end of life"),
            story: "signed, but marked unsupported in the policy",
            expected: .verdict("Unsupported", "MarkedUnsupported")
        ),
        DemoImage(
            role: .ledger,
            team: .payments,
            tag: "v1",
            signature: .jws(.wabbit),
            isPrivate: true,
            elsewhere: Elsewhere(
                team: .shop,
                story: "the same, in a namespace without the secret",
                expected: .verdict("Unknown", "RegistryUnauthorized")
            ),
            story: "signed, private: read with the pod's pull secret",
            expected: .verdict("Trusted", "Verified")
        ),
    ]
}
