import FoundationEssentials
import KubernetesAPI
import OCIModel
import Testing
import TrustModel
import TrustResources

@Suite("Which verdicts will lapse, and why")
struct VerdictForecastTests {
    private static let now = Date(timeIntervalSince1970: 1_780_272_000)
    private static let policy = "TrustPolicy/shop/release"

    private static func day(_ number: Double) -> Date { now.addingTimeInterval(number * 86_400) }

    private func image(
        _ name: String,
        namespace: String = "shop",
        until end: Date?,
        verdict: Verdict = .trusted,
        change: (inout FindingStatus) -> Void = { _ in }
    ) -> ImageVerification {
        var finding = FindingStatus(
            Finding(
                policy: PolicyName(kind: .trustPolicy, namespace: "shop", name: "release"),
                authority: "acme",
                verdict: verdict,
                reason: verdict == .trusted ? .verified : .markedUntrusted,
                message: "",
                signer: "CN=signer"
            )
        )
        change(&finding)
        var status = ImageVerificationStatus()
        status.verdict = verdict
        status.repository = "r.example/\(name)"
        status.digest = "sha256:1"
        status.validUntil = end.map(KubernetesTime.init)
        status.findings = [finding]
        status.workloads = ImageVerificationStatus.Workloads(pods: 3)
        return ImageVerification(
            metadata: ObjectMeta(name: name, namespace: namespace),
            spec: ImageVerificationSpec(image: "r.example/\(name)@sha256:1"),
            status: status
        )
    }

    private func policies(_ anchors: [(String, Date, Int)], type: String? = nil) throws -> [VerdictForecast.PolicyEntry]
    {
        var status = TrustPolicyStatus()
        status.anchors = anchors.map { sha256, end, images in
            TrustPolicyStatus.AnchorStatus(
                authority: "acme",
                sha256: sha256,
                subject: "CN=\(sha256)",
                notAfter: KubernetesTime(end),
                images: images,
                type: type
            )
        }
        let spec = TrustPolicySpec(authorities: [])
        let metadata = ObjectMeta(name: "release", namespace: "shop")
        return [VerdictForecast.PolicyEntry(TrustPolicy(metadata: metadata, spec: spec, status: status))]
    }

    private func forecast(
        _ images: [ImageVerification],
        _ anchors: [(String, Date, Int)] = [],
        days: Double = 30
    ) throws -> VerdictForecast {
        VerdictForecast(verifications: images, policies: try policies(anchors), until: Self.day(days))
    }

    @Test("what ends within the time is told, the first first; what ends later, never, or was not judged is not")
    func order() throws {
        var unjudged = image("unjudged", until: nil)
        unjudged.status = nil
        let forecast = try forecast([
            image("later", until: Self.day(30.001)), image("b", until: Self.day(30)), image("never", until: nil),
            image("a", namespace: "zoo", until: Self.day(30)), image("past", until: Self.day(-1)), unjudged,
            image("a", until: Self.day(30)),
        ])
        #expect(forecast.lapses.map { "\($0.namespace)/\($0.name)" } == ["shop/past", "shop/a", "shop/b", "zoo/a"])
        #expect(forecast.verdicts == 6)
        let first = try #require(forecast.lapses.first)
        #expect(first.image == "r.example/past@sha256:1" && first.pods == 3 && first.signer == "CN=signer")
    }

    @Test("the cause is the signature, the anchor, the decision, or else a certificate of the signer")
    func causes() throws {
        let end = Self.day(9)
        let anchors = [("abc", end, 2), ("def", Self.day(99), 1)]
        func cause(_ verdict: Verdict = .trusted, _ change: (inout FindingStatus) -> Void) throws -> String? {
            try forecast([image("a", until: end, verdict: verdict, change: change)], anchors).lapses.first?.cause
        }
        #expect(
            try cause { $0.expiresAt = KubernetesTime(end) } == "the signature for acme of \(Self.policy) expires"
        )
        #expect(try cause { $0.anchor = "abc" } == "the trust anchor CN=abc of \(Self.policy) expires")
        #expect(try cause { $0.anchor = "def" } == "a certificate of the signer for acme of \(Self.policy) expires")
        #expect(
            try cause(.untrusted) { $0.expiresAt = KubernetesTime(end) } == "the decision in \(Self.policy) ends"
        )
        // A finding that did not decide explains nothing.
        #expect(
            try cause {
                $0.verdict = .untrusted
                $0.expiresAt = KubernetesTime(end)
            } == "a certificate of the signer expires"
        )
    }

    @Test("anchors that expire are told with the images that they vouch for, even where no verdict ends with them")
    func anchors() throws {
        let forecast = try forecast([], [("b", Self.day(20), 0), ("a", Self.day(3), 7), ("c", Self.day(31), 1)])
        #expect(forecast.anchors.map(\.sha256) == ["a", "b"] && forecast.anchors.map(\.images) == [7, 0])
        #expect(forecast.anchors.first?.policy == Self.policy && forecast.anchors.first?.authority == "acme")
        #expect(forecast.lapses.isEmpty && forecast.verdicts == 0)
    }

    @Test("what a time-stamping authority vouched for outlives its certificate, so that its end is not told")
    func timestampAnchors() throws {
        func ends(_ type: String?) throws -> [String] {
            let policies = try policies([("a", Self.day(3), 7)], type: type)
            return VerdictForecast(verifications: [], policies: policies, until: Self.day(30)).anchors.map(\.sha256)
        }
        #expect(try ends("tsa") == [])
        for type in ["ca", "signingAuthority", nil] { #expect(try ends(type) == ["a"], "\(type ?? "")") }
    }
}
