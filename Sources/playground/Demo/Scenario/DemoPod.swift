/// A pod of the demo and the images that run in it.
struct DemoPod: Sendable {
    let name: String
    let team: DemoImage.Team
    /// The images that run beside each other.
    let containers: [DemoImage.Role]
    /// Ran to its end before the containers started.
    var initContainer: DemoImage.Role?
    /// An init container that keeps running.
    var sidecar: DemoImage.Role?
    /// Whether it names the secret with the password of the guarded registry.
    var hasPullSecret = false

    static let all: [DemoPod] = [
        DemoPod(name: "web-0", team: .shop, containers: [.web], initContainer: .migrate, sidecar: .proxy),
        DemoPod(name: "web-1", team: .shop, containers: [.web], sidecar: .proxy),
        DemoPod(name: "cart-0", team: .shop, containers: [.cart]),
        DemoPod(name: "search-0", team: .shop, containers: [.search]),
        DemoPod(name: "api-0", team: .payments, containers: [.api]),
        DemoPod(name: "report-0", team: .payments, containers: [.report]),
        DemoPod(name: "batch-0", team: .payments, containers: [.batch, .legacy]),
        DemoPod(name: "ledger-0", team: .payments, containers: [.ledger], hasPullSecret: true),
        DemoPod(name: "ledger-copy-0", team: .shop, containers: [.ledger]),
    ]
}
