import FoundationEssentials
import JSONModel
import KubernetesAPI
import Testing
import TrustModel
import TrustResources

@testable import VigilCommand

@Suite("vigil forecast")
struct ForecastReportTests {
    private func image(_ name: String, inHours hours: Double) -> ImageVerification {
        var status = ImageVerificationStatus()
        status.verdict = .trusted
        status.repository = "r.example/\(name)"
        status.validUntil = KubernetesTime(CommandRun.now.addingTimeInterval(hours * 3600))
        status.workloads = ImageVerificationStatus.Workloads(pods: 1)
        return ImageVerification(
            metadata: ObjectMeta(name: name, namespace: "shop"),
            spec: ImageVerificationSpec(image: name),
            status: status
        )
    }

    private func report(_ images: [ImageVerification], anchors: [(String, Double)] = []) throws -> ForecastReport {
        var status = TrustPolicyStatus()
        status.anchors = anchors.map { subject, hours in
            TrustPolicyStatus.AnchorStatus(
                authority: "acme",
                sha256: "abc",
                subject: subject,
                notAfter: KubernetesTime(CommandRun.now.addingTimeInterval(hours * 3600)),
                images: 2
            )
        }
        let policy = TrustPolicy(
            metadata: ObjectMeta(name: "release", namespace: "shop"),
            spec: TrustPolicySpec(authorities: []),
            status: status
        )
        let forecast = VerdictForecast(
            verifications: images,
            policies: [VerdictForecast.PolicyEntry(policy)],
            until: CommandRun.now.addingTimeInterval(30 * 86_400)
        )
        return ForecastReport(forecast: forecast, madeAt: CommandRun.now, window: try ForecastWindow("30d"))
    }

    @Test("verdicts and anchors stand in one table by their dates, with what is left of their time")
    func table() throws {
        let images = [
            image("a", inHours: 240.5), image("b", inHours: 47), image("c", inHours: 1), image("d", inHours: -1),
        ]
        let text = try report(images, anchors: [("CN=Root", 100)]).table(for: .pipe)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 7, "\(text)")
        #expect(lines[0].hasPrefix("WHEN ") && lines[1].contains("  past  ") && lines[2].contains("  60m "))
        #expect(lines[3].contains("  47h ") && lines[4].contains("  4d ") && lines[5].contains("  10d "), "\(text)")
        #expect(lines[4].contains(" anchor CN=Root "), "\(text)")
        #expect(lines[4].contains(" the trust anchor for acme of TrustPolicy/shop/release expires; "), "\(text)")
        #expect(lines[4].hasSuffix("it vouches for 2 running images"))
        #expect(lines[5].contains("shop       Trusted r.example/a "), "\(text)")
        #expect(lines[6].hasSuffix(": 4 of 4 verdicts will lapse, 1 trust anchor will expire"))
    }

    @Test("nothing that ends is said in one line, and in the JSON as empty lists")
    func nothing() throws {
        let report = try report([image("a", inHours: 30 * 24 + 1)])
        let text = report.table(for: .pipe)
        #expect(text == "until 2026-06-27T20:26:40Z: 0 of 1 verdict will lapse, 0 trust anchors will expire\n")
        let value = try JSONParser().parse(Array(report.json.utf8))
        #expect(value["verdicts"] == .array([]) && value["anchors"] == .array([]))
        #expect(value["summary"] == ["verdicts": 1, "lapsing": 0, "anchors": 0])
    }

    @Test("what others wrote into objects and certificates is escaped")
    func hostile() throws {
        let report = try report([], anchors: [("CN=\u{1B}[2J\u{202E}x", 1)])
        for text in [report.json, report.table(for: .pipe)] {
            #expect(!text.contains("\u{1B}") && !text.unicodeScalars.contains("\u{202E}"), "\(text)")
        }
    }

    @Test(
        "days and parts of days are read",
        arguments: [("30d", 2_592_000), ("36h", 129_600), ("1d12h", 129_600), ("3650d", 315_360_000), ("1s", 1)]
    )
    func window(text: String, seconds: Int64) throws {
        #expect(try ForecastWindow(text).duration == .seconds(seconds))
    }

    @Test(
        "anything else is refused with what to write",
        arguments: ["", "0d", "d", "-1d", "30", "3651d", "99999d", "1d1d", "+1d", "3650d1s", "1.5d", "٣d", "0s"]
    )
    func refused(text: String) async {
        let run = await CommandRun("forecast", "--within=\(text)")
        #expect(run.status == 2 && run.errors.contains("--within"), "\(run.errors)")
    }

    @Test("a kubeconfig that is not there has status 2")
    func kubeconfig() async {
        let run = await CommandRun("forecast", "--kubeconfig", "/nowhere/kubeconfig")
        #expect(run.status == 2 && run.errors.contains("/nowhere/kubeconfig"), "\(run.errors)")
    }
}
