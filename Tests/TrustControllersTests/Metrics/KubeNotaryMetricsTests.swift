import MetricsExposition
import Testing
import TrustModel

@testable import TrustControllers

/// What dashboards of kube-notary find, and what they could not rely on there.
@Suite("Metrics under kube-notary's names")
struct KubeNotaryMetricsTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    private func entry(_ pod: String, _ verdict: Verdict?, imageID: String? = nil) throws -> KubeNotaryMetrics.Entry {
        let image = try #require(
            RunningImage(image: "r.example/shop/web:v1", imageID: imageID ?? "r.example/shop/web@\(Self.digest)")
        )
        return KubeNotaryMetrics.Entry(
            namespace: "shop",
            pod: pod,
            container: "web",
            image: image,
            verdict: verdict
        )
    }

    private func value(_ readings: [MetricReading], _ family: String, _ labels: [String]) -> Double? {
        readings.first { $0.family.name == family && $0.labels == labels }?.value
    }

    @Test(
        "each verdict has kube-notary's code, and a level where there is evidence",
        arguments: [
            (Verdict.trusted, 0.0, 98.0), (.untrusted, 1, 98), (.unknown, 2, 0), (.unsupported, 3, 98), (nil, 2, 0),
        ] as [(Verdict?, Double, Double)]
    )
    func codes(_ verdict: Verdict?, _ status: Double, _ level: Double) throws {
        let readings = KubeNotaryMetrics.readings([try entry("web-0", verdict)], namespace: nil)
        let labels = [
            "shop", "web-0", "web", "r.example/shop/web:v1", "r.example/shop/web@\(Self.digest)", Self.digest,
        ]
        #expect(value(readings, "kube_notary_vcn_verification_status", labels) == status)
        #expect(value(readings, "kube_notary_vcn_verification_level", labels) == level)
    }

    @Test("the aggregate has every status, at 0 where nothing has it any more")
    func aggregate() throws {
        let readings = KubeNotaryMetrics.readings(
            [try entry("web-0", .trusted), try entry("web-1", .trusted), try entry("api-0", nil)],
            namespace: "shop"
        )
        let expected = ["TRUSTED": 2.0, "UNTRUSTED": 0, "UNKNOWN": 1, "UNSUPPORTED": 0, "REVOKED": 0]
        for (status, count) in expected {
            #expect(value(readings, "kube_notary_aggregate_status", ["shop", status]) == count, "\(status)")
        }
        let none = KubeNotaryMetrics.readings([], namespace: nil)
        #expect(none.map(\.labels) == ["TRUSTED", "UNTRUSTED", "UNKNOWN", "UNSUPPORTED", "REVOKED"].map { ["", $0] })
        #expect(none.allSatisfy { $0.value == 0 })
    }

    @Test("an image without a digest has no hash, and is no reason to leave it out")
    func withoutDigest() throws {
        let entry = try entry("web-0", .unknown, imageID: Self.digest)
        let readings = KubeNotaryMetrics.readings([entry], namespace: nil)
        let labels = ["shop", "web-0", "web", "r.example/shop/web:v1", "", ""]
        #expect(value(readings, "kube_notary_vcn_verification_status", labels) == 2)
    }

    @Test("they can be exported beside the others")
    func declarations() {
        #expect(MetricFamily.defects(of: KubeNotaryMetrics.all + TrustMetrics.read) == [])
    }
}
