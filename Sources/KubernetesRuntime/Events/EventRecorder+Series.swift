import JSONModel
import KubernetesAPI

extension EventRecorder {
    /// The patch that sets an Event's series: everything else in it is immutable.
    static func seriesPatch(_ event: Event) -> JSONValue {
        guard let series = event.series else { return .object([:]) }
        return .object([
            "series": .object([
                "count": .integer(Int64(series.count)),
                "lastObservedTime": .string(series.lastObservedTime.description),
            ])
        ])
    }
}
