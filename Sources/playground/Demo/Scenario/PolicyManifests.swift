/// The policies of the demo, with the certificates and the registry of this run.
struct PolicyManifests: Sendable {
    let registries: DemoRegistries
    let images: [PublishedImage]
    /// Certificates as PEM.
    let anchors: [SigningKey: String]
    /// The namespace of each team.
    let namespace: @Sendable (DemoImage.Team) -> String

    /// The ConfigMap with the company's certificate, which the shop's policy refers to.
    func trustConfigMap() -> String {
        let lines = (anchors[.wabbit] ?? "").split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
        return """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: trust, namespace: \(namespace(.shop))}
            data:
              ca.pem: |
            \(lines)

            """
    }

    /// The shop trusts the company's own key; its certificate is in a ConfigMap.
    ///
    /// `decisions` are digests settled by hand.
    func shop(decisions: [(digest: String, decision: DemoImage.Decision)] = []) -> String {
        policy(
            .shop,
            authorities: [authority(.wabbit, certificates: "{configMapRef: {name: trust, key: ca.pem}}")],
            decisions: decisions
        )
    }

    /// Payments trusts the company and, as long as that is wanted, a partner; two digests are settled by hand.
    func payments(trustsPartner: Bool) -> String {
        let decided = images.filter { $0.image.team == .payments }.compactMap { image in
            image.image.decision.map { (digest: image.running, decision: $0) }
        }
        let signers: [SigningKey] = trustsPartner ? [.wabbit, .acme] : [.wabbit]
        return policy(
            .payments,
            authorities: signers.map { authority($0, certificates: inline($0)) },
            decisions: decided
        )
    }

    private func policy(
        _ team: DemoImage.Team,
        authorities: [String],
        decisions: [(digest: String, decision: DemoImage.Decision)]
    ) -> String {
        var lines = [
            "apiVersion: vigil.dev/v1alpha1",
            "kind: TrustPolicy",
            "metadata: {name: \(team.rawValue), namespace: \(namespace(team))}",
            "spec:",
            "  images: {include: [\"\(registries.open)/\(team.rawValue)/*\", \"\(registries.guarded)/*\"]}",
            "  interval: 1s",
            "  authorities:",
        ]
        lines += authorities
        if !decisions.isEmpty { lines.append("  decisions:") }
        for (digest, decision) in decisions {
            lines.append("  - {digest: \"\(digest)\", verdict: \(decision.verdict), reason: \(decision.reason)}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func authority(_ key: SigningKey, certificates: String) -> String {
        """
          - name: \(key.authority)
            notary:
              level: strict
              trustedIdentities: ["x509.subject: \(key.identity)"]
              trustStores:
              - type: ca
                certificates: \(certificates)
        """
    }

    private func inline(_ key: SigningKey) -> String {
        let lines = (anchors[key] ?? "").split(separator: "\n").map { "            " + $0 }
        return "\n          inline: |\n" + lines.joined(separator: "\n")
    }
}
