import FoundationEssentials
import MetricsExposition
import OperatorEndpoints
import TestCertificates
import Testing

@testable import VigilCommand

/// When the certificate of the endpoints ends, as a metric.
@Suite("Metrics of the endpoints")
struct EndpointMetricsTests {
    private static let date = Date(timeIntervalSince1970: 1_800_000_000)
    private static let end = 1_800_003_600.0

    /// A certificate that ends an hour after `date`, those of `others` behind it.
    private static func pair(_ date: Date, then others: [TestAuthority] = []) throws -> ServingCertificate.Pair {
        let issued = try TestAuthority { date }.issue(names: ["vigil"])
        let chain = try [issued.certificate] + others.map { try $0.pem }
        return try ServingCertificate.Pair(
            certificatePEM: Array(chain.joined(separator: "\n").utf8),
            keyPEM: Array(issued.key.utf8)
        )
    }

    @Test("the end of the certificate that is shown, of its successor once that is")
    func replaced() async throws {
        let certificate = ServingCertificate(try Self.pair(Self.date))
        let metrics = EndpointMetrics(certificate: certificate)
        #expect(await metrics.readings() == [EndpointMetrics.certificateExpiry.reading(Self.end)])
        certificate.replace(by: try Self.pair(Self.date + 86_400))
        #expect(await metrics.readings() == [EndpointMetrics.certificateExpiry.reading(Self.end + 86_400)])
    }

    @Test("of several certificates the first that ends, wherever it stands")
    func chain() async throws {
        let (early, late) = (try TestAuthority { Self.date }, try TestAuthority { Self.date + 500_000 })
        for (date, end) in [(Self.date + 86_400, Self.end), (Self.date - 86_400, Self.end - 86_400)] {
            let certificate = ServingCertificate(try Self.pair(date, then: [late, early]))
            let readings = await EndpointMetrics(certificate: certificate).readings()
            #expect(readings == [EndpointMetrics.certificateExpiry.reading(end)])
        }
    }
}
