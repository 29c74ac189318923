import HTTPTypes
import MetricsExposition

extension Endpoint {
    /// The metrics, in the format that the client likes best.
    static func metrics(_ registry: MetricRegistry) -> Endpoint {
        Endpoint(path: "/metrics") { query in
            let format = ExpositionFormat.negotiated(accept: query.accept)
            return Answer(contentType: format.contentType, body: await registry.exposition(format))
        }
    }
}
