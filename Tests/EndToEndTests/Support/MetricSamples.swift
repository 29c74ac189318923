/// The samples of a text in the format of Prometheus.
struct MetricSamples {
    private let samples: [(name: String, labels: String, value: Double)]

    init(_ text: String) {
        samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                return nil
            }
            let name = line[..<space].prefix { $0 != "{" }
            return (String(name), String(line[name.endIndex..<space]), value)
        }
    }

    /// The sum of a name's samples whose labels contain a text; `nil` where there is none.
    func sum(_ name: String, where label: String? = nil) -> Double? {
        let found = samples.filter { sample in
            sample.name == name && label.map { sample.labels.contains($0) } ?? true
        }
        return found.isEmpty ? nil : found.map(\.value).reduce(0, +)
    }
}
