/// A block of the documentation that cannot be tried, with the reason.
///
/// One that names no block, or several, or a block that would pass, is an error: the lists hold what is needed and no more.
struct BlockException: Sendable {
    var page: String
    /// What the block contains, and no other of that page and language does.
    var marker: String
    var reason: String

    func names(_ block: MarkdownPage.Block) -> Bool { block.page == page && block.text.contains(marker) }

    /// YAML that is no object, and that nothing of ours describes.
    static let yaml: [BlockException] = [
        BlockException(
            page: "docs/key-vault.md",
            marker: "169.254.169.254/32",
            reason: "a part of a NetworkPolicy, to be added to the one of config/network-policy"
        ),
        BlockException(
            page: "docs/policy-report.md",
            marker: "../components/policy-reports ",
            reason: "a part of a Kustomization; InstalledOperatorTests install the component"
        ),
        BlockException(
            page: "docs/endpoints.md",
            marker: "scrape_configs:",
            reason: "a part of the configuration of Prometheus"
        ),
        BlockException(
            page: "docs/cloud-identities.md",
            marker: "169.254.170.23/32",
            reason: "a part of a NetworkPolicy, to be added to the one of config/network-policy"
        ),
    ]

    /// Objects that the stand-in does not take.
    static let objects: [BlockException] = []

    /// JSON that is no JSON.
    static let json: [BlockException] = []
}

extension [BlockException] {
    /// What is wrong with blocks that no exception names, and with exceptions that are none; `checked` has each block that
    /// was looked at, with what is wrong with it.
    func excusing(_ checked: [(block: MarkdownPage.Block, violations: [String])]) -> [String] {
        var found: [String] = []
        for (block, violations) in checked {
            let isExcused = contains { $0.names(block) }
            if isExcused, violations.isEmpty { found.append("\(block.place): needs no exception any more") }
            if !isExcused { found += violations.map { "\(block.place): \($0)" } }
        }
        for exception in self {
            let count = checked.count { exception.names($0.block) }
            if count != 1 {
                found.append("\(exception.page): the exception \"\(exception.marker)\" names \(count) blocks")
            }
        }
        return found
    }
}
