import MetricsExposition
import OperatorEndpoints

/// How long the endpoints can be served with the certificate that they show.
struct EndpointMetrics: MetricSource {
    static let certificateExpiry = MetricFamily(
        "vigil_endpoint_certificate_expiry_timestamp_seconds",
        .gauge,
        unit: .seconds,
        help: "When the certificate with which the endpoints are served expires, in seconds since 1970."
    )
    /// All of them.
    static let all = [certificateExpiry]

    let certificate: ServingCertificate

    var families: [MetricFamily] { Self.all }

    func readings() async -> [MetricReading] {
        [Self.certificateExpiry.reading(Double(certificate.current.notAfter))]
    }
}
