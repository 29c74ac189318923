import FoundationEssentials
import KubernetesAPI
import OCIModel
import TrustModel
import TrustResources

/// A small cluster with something of everything, as the pictures of the documentation show it.
struct StoryImages {
    /// The present of the story.
    let now: Date

    private func day(_ number: Double) -> KubernetesTime { KubernetesTime(now.addingTimeInterval(number * 86_400)) }

    /// The images.
    var images: [ImageResult] {
        [
            image(
                1,
                "shop/checkout",
                "v2.14.0",
                .untrusted,
                .certificateRevoked,
                pods: 6,
                """
                the certificate "CN=wabbit-networks.io" of the signer was revoked 2 hours ago (keyCompromise), says \
                ocsp.example.com
                """
            ) { status in
                status.history = [
                    change(-0.08, .trusted, .untrusted, .certificateRevoked),
                    change(-30, .unknown, .trusted, .verified), change(-30.2, nil, .unknown, .noSignature),
                ]
            },
            image(
                2,
                "bank/ledger",
                "v1.9.3",
                .untrusted,
                .markedUntrusted,
                pods: 3,
                "marked Untrusted by a decision: CVE-2026-1234"
            ),
            image(3, "shop/cart", "canary", .unknown, .noSignature, pods: 2, "there is no signature for this digest"),
            image(
                4,
                "ops/log-shipper",
                "3.2",
                .unknown,
                .noTrustedSignature,
                pods: 41,
                "one signature, by a signer that the policy does not name: CN=builder-7"
            ),
            ImageResult(
                absent: ObjectKey(namespace: "ops", name: "sha256-5"),
                repository: "registry.example.com/ops/debug",
                digest: SampleImages.digest(5).description,
                tags: ["latest"],
                pods: ["debug-x2x7k"],
                reason: .noPolicy
            ),
            image(
                6,
                "bank/reports",
                "5.6",
                .unsupported,
                .markedUnsupported,
                pods: 1,
                "marked Unsupported by a decision: end of life since March"
            ),
            image(7, "shop/web", "v2.14.1", .trusted, .verified, pods: 24, "") { $0.validUntil = day(8.4) },
            image(8, "shop/search", "v2.14.0", .trusted, .verified, pods: 12, "") { $0.validUntil = day(211) },
            image(9, "bank/teller", "v1.9.4", .trusted, .verified, pods: 8, "") { $0.validUntil = day(98) },
            image(10, "bank/frontend", "v1.9.4", .trusted, .verified, pods: 8, "") { $0.validUntil = day(98) },
            image(11, "ops/metrics", "v2.55.0", .trusted, .verified, pods: 1, "") { $0.validUntil = day(22.6) },
        ]
    }

    /// The policies.
    var policies: [VerdictForecast.PolicyEntry] {
        [
            policy("shop", TrustPolicyStatus.ImageCounts(trusted: 2, untrusted: 1, unknown: 1)),
            policy("bank", TrustPolicyStatus.ImageCounts(trusted: 2, untrusted: 1, unsupported: 1)),
            policy("ops", TrustPolicyStatus.ImageCounts(trusted: 1, unknown: 1)),
        ]
    }

    private func image(
        _ number: Int,
        _ name: String,
        _ tag: String,
        _ verdict: Verdict,
        _ reason: Reason,
        pods: Int,
        _ message: String,
        change: (inout ImageVerificationStatus) -> Void = { _ in }
    ) -> ImageResult {
        let parts = name.split(separator: "/").map(String.init)
        let object = SampleImages.verification(
            number,
            verdict,
            repository: "registry.example.com/\(name)",
            namespace: parts[0],
            tags: [tag],
            pods: (0..<pods).map { "\(parts[1])-7c9d8b6f5-\(String(173_041 + $0 * 7919, radix: 36))" },
            message: message
        ) { status in
            status.reason = reason
            status.findings?[0].reason = reason
            status.findings?[0].signedAt = day(-40)
            status.lastJudged = day(-0.002)
            status.history = [self.change(-3, nil, verdict, reason)]
            change(&status)
        }
        return ImageResult(object, pods: pods)
    }

    private func change(
        _ at: Double,
        _ from: Verdict?,
        _ to: Verdict,
        _ reason: Reason
    ) -> ImageVerificationStatus.VerdictChange {
        ImageVerificationStatus.VerdictChange(time: day(at), from: from, to: to, reason: reason)
    }

    private func policy(_ namespace: String, _ counts: TrustPolicyStatus.ImageCounts) -> VerdictForecast.PolicyEntry {
        var status = TrustPolicyStatus()
        status.images = counts
        status.conditions = [
            Condition(
                type: ConditionType.ready,
                status: .true,
                lastTransitionTime: day(-30),
                reason: "Ready",
                message: "in force"
            )
        ]
        if namespace == "shop" {
            status.anchors = [
                TrustPolicyStatus.AnchorStatus(
                    authority: "wabbit-networks",
                    sha256: SampleImages.digest(99).hex,
                    subject: "CN=Wabbit Networks Root CA",
                    notAfter: day(27),
                    images: 2
                )
            ]
        }
        let metadata = ObjectMeta(name: "release", namespace: namespace)
        return VerdictForecast.PolicyEntry(
            TrustPolicy(metadata: metadata, spec: TrustPolicySpec(authorities: []), status: status)
        )
    }
}
