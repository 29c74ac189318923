extension MetricFamily {
    /// What is wrong with declarations, each as a sentence that names the metric; empty when all can be exported.
    ///
    /// The rules are those of the data model of Prometheus and of OpenMetrics 1.0 (sections "MetricFamily" and
    /// "Counter"), and those that `promtool check metrics` tries.
    ///
    /// - Parameter families: the declarations, which are exported together.
    /// - Returns: the defects.
    public static func defects(of families: [MetricFamily]) -> [String] {
        var taken: [String: String] = [:]
        var defects: [String] = []
        for family in families {
            defects += family.defects.map { "\(family.name): \($0)" }
            for name in family.occupiedNames {
                if let other = taken.updateValue(family.name, forKey: name) {
                    defects.append("\(family.name): the name \(name) is also one of \(other)")
                }
            }
        }
        return defects
    }

    /// What is wrong with this declaration alone.
    private var defects: [String] {
        var defects: [String] = []
        if !Self.isName(name, mayHaveColon: true) { defects.append("a name has letters, digits, _ and : only") }
        if (kind == .counter) != name.hasSuffix("_total") { defects.append("counters, and no others, end in _total") }
        for suffix in ["_count", "_sum", "_bucket", "_created", "_info"] where name.hasSuffix(suffix) {
            if suffix != "_info" || kind != .gauge { defects.append("a name does not end in \(suffix)") }
        }
        if let unit, !openMetricsName.hasSuffix("_\(unit.rawValue)") {
            defects.append("the name does not end in its unit, \(unit.rawValue)")
        }
        if unit == nil, Unit.isNamed(in: openMetricsName) { defects.append("the name has a unit, the family has none") }
        if help.isEmpty || !help.hasSuffix(".") { defects.append("what it means is not said in a sentence") }
        if seriesLimit < 1 { defects.append("no series is allowed") }
        if Set(labels).count != labels.count { defects.append("a label is there twice") }
        for label in labels where !Self.isName(label, mayHaveColon: false) || label.hasPrefix("__") {
            defects.append("\(label) cannot be a label")
        }
        if case .histogram(let buckets) = kind {
            if labels.contains("le") { defects.append("le is the histogram's own label") }
            if buckets.upperBounds.isEmpty { defects.append("a histogram has a bound at least") }
        }
        return defects
    }

    /// Every name under which samples or the family itself are exported.
    private var occupiedNames: Set<String> {
        guard case .histogram = kind else { return [name, openMetricsName] }
        return [name, "\(name)_bucket", "\(name)_sum", "\(name)_count"]
    }

    private static func isName(_ text: String, mayHaveColon: Bool) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            case UInt8(ascii: ":"): mayHaveColon
            default: false
            }
        }
    }
}

extension MetricFamily.Unit {
    /// Whether a name ends in one of the units.
    fileprivate static func isNamed(in name: String) -> Bool {
        [Self.seconds, .bytes].contains { name.hasSuffix("_\($0.rawValue)") }
    }
}
