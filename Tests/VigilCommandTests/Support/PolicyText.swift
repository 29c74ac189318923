import SigningTestKit

/// Policies as people write them.
enum PolicyText {
    /// A TrustPolicy that trusts whoever `chain` leads to.
    static func trusting(
        _ chain: TestChain,
        name: String = "shop",
        namespace: String? = nil,
        include: String = "*",
        more: String = ""
    ) -> String {
        let pem = chain.root.pem.split(separator: "\n").map { "            \($0)" }.joined(separator: "\n")
        return """
            apiVersion: vigil.dev/v1alpha1
            kind: TrustPolicy
            metadata:
              name: \(name)
            \(namespace.map { "  namespace: \($0)" } ?? "  labels: {}")
            spec:
              images: {include: ["\(include)"]}
            \(more.isEmpty ? "  interval: 60s" : more)
              authorities:
              - name: release
                notary:
                  level: strict
                  trustedIdentities: ["*"]
                  trustStores:
                  - type: ca
                    certificates:
                      inline: |
            \(pem)

            """
    }

    /// A ClusterTrustPolicy that takes its certificates from an object.
    static func referring(_ reference: String) -> String {
        """
        apiVersion: vigil.dev/v1alpha1
        kind: ClusterTrustPolicy
        metadata: {name: all}
        spec:
          namespaces: {exclude: [kube-system]}
          authorities:
          - name: release
            notary:
              trustedIdentities: ["*"]
              trustStores:
              - {type: ca, certificates: {\(reference)}}

        """
    }

    /// A manifest of a pod.
    static func pod(_ image: String, name: String = "web", namespace: String? = nil, labels: String = "{}") -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name)\(namespace.map { ", namespace: \($0)" } ?? ""), labels: \(labels)}
        spec: {containers: [{name: main, image: "\(image)"}]}

        """
    }
}
