/// Why a series is not exported.
public struct MetricRefusal: Sendable, Hashable {
    /// The causes; their raw values are those of the label `reason`.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Nobody declared a metric of this name.
        case undeclared
        /// The metric was declared as one of another kind.
        case kind
        /// The labels are not those that were declared.
        case labels
        /// A label's value is longer than ``MetricRegistry/labelValueLimit``.
        case labelValue = "label_value"
        /// The family has as many series as it may have.
        case seriesLimit = "series_limit"
        /// A source read the same series twice.
        case duplicate
    }

    /// The metric's name, as the code that measures wrote it.
    public let name: String
    /// Why.
    public let reason: Reason
}
