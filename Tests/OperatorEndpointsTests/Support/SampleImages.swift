import FoundationEssentials
import KubernetesAPI
import OCIModel
import TrustModel
import TrustResources

/// Images as operators describe them.
enum SampleImages {
    static let now = Date(timeIntervalSince1970: 1_780_272_000)

    /// The digest of image `number`.
    static func digest(_ number: Int) -> Digest { Digest.of(Array("image \(number)".utf8)) }

    /// The object of image `number`.
    static func verification(
        _ number: Int,
        _ verdict: Verdict = .trusted,
        repository: String? = nil,
        namespace: String = "shop",
        policy: String = "release",
        tags: [String] = ["v1"],
        pods: [String] = ["web-0"],
        message: String? = nil,
        isGate: Bool = false,
        change: (inout ImageVerificationStatus) -> Void = { _ in }
    ) -> ImageVerification {
        let digest = digest(number)
        let name = repository ?? "registry.example.com/shop/web-\(number)"
        let reason = reason(verdict)
        let text = message ?? "the signature of wabbit-networks.io \(verdict == .trusted ? "holds" : "does not hold")"
        var finding = FindingStatus(
            Finding(
                policy: PolicyName(kind: .trustPolicy, namespace: namespace, name: policy),
                authority: "wabbit-networks",
                verdict: verdict,
                reason: reason,
                message: text,
                signer: "C=US, ST=WA, L=Seattle, O=Notary, CN=wabbit-networks.io"
            )
        )
        finding.algorithm = "ECDSA-SHA-256"
        finding.evidence = Self.digest(number + 100_000).description
        finding.signedAt = KubernetesTime(now.addingTimeInterval(-86_400 * 20))
        var status = ImageVerificationStatus()
        (status.verdict, status.reason, status.message) = (verdict, reason, text)
        (status.repository, status.digest, status.verifiedDigest) = (name, digest.description, digest.description)
        if verdict == .trusted { status.signer = "wabbit-networks.io" }
        status.findings = verdict == .unknown ? nil : [finding]
        status.workloads = ImageVerificationStatus.Workloads(pods: pods.count, names: pods, tags: tags)
        status.lastJudged = KubernetesTime(now)
        status.history = [
            ImageVerificationStatus.VerdictChange(
                time: KubernetesTime(now.addingTimeInterval(-3600 * 5)),
                from: nil,
                to: verdict,
                reason: reason
            )
        ]
        change(&status)
        return ImageVerification(
            metadata: ObjectMeta(
                name: ImageVerification.name(for: digest),
                namespace: namespace,
                labels: isGate ? [:] : [TrustAPI.managedByLabel: TrustAPI.managedByValue]
            ),
            spec: ImageVerificationSpec(image: "\(name.prefix(1000))@\(digest)"),
            status: status
        )
    }

    /// Image `number`, as it runs.
    static func image(
        _ number: Int,
        _ verdict: Verdict = .trusted,
        repository: String? = nil,
        namespace: String = "shop",
        policy: String = "release",
        tags: [String] = ["v1"],
        pods: Int = 1,
        message: String? = nil,
        isGate: Bool = false,
        change: (inout ImageVerificationStatus) -> Void = { _ in }
    ) -> ImageResult {
        let names = (0..<pods).map { "web-\(number)-\($0)" }
        let object = verification(
            number,
            verdict,
            repository: repository,
            namespace: namespace,
            policy: policy,
            tags: tags,
            pods: names,
            message: message,
            isGate: isGate,
            change: change
        )
        return ImageResult(object, pods: pods)
    }

    /// A running image that has no object.
    static func absent(_ number: Int, namespace: String = "shop", reason: Reason = .noPolicy) -> ImageResult {
        let digest = digest(number)
        return ImageResult(
            absent: ObjectKey(namespace: namespace, name: ImageVerification.name(for: digest)),
            repository: "registry.example.com/shop/web-\(number)",
            digest: digest.description,
            tags: ["v1"],
            pods: ["web-\(number)-0"],
            reason: reason
        )
    }

    /// A container that runs image `number`.
    static func container(_ pod: String, _ number: Int, namespace: String = "shop") -> RunningContainer {
        let digest = digest(number)
        return RunningContainer(
            pod: ObjectKey(namespace: namespace, name: pod),
            container: "web",
            image: "registry.example.com/shop/web-\(number):v1",
            imageID: "registry.example.com/shop/web-\(number)@\(digest)",
            hash: digest.hex,
            verification: ObjectKey(namespace: namespace, name: ImageVerification.name(for: digest))
        )
    }

    private static func reason(_ verdict: Verdict) -> Reason {
        switch verdict {
        case .trusted: .verified
        case .untrusted: .signatureInvalid
        case .unsupported: .markedUnsupported
        case .unknown: .noSignature
        }
    }
}
