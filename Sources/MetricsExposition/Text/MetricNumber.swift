/// How numbers are written.
enum MetricNumber {
    /// A sample's value: whole numbers without a point, others with the fewest digits that are read back as the same.
    static func text(_ value: Double) -> String {
        if let special = special(value) { return special }
        if value == value.rounded(.towardZero), value.magnitude < 0x1p53 { return String(Int64(value)) }
        return value.description
    }

    /// A bucket's bound, the value of the label `le`, written as Prometheus' Go client does.
    ///
    /// The text is the series' identity: with another one for the same number, queries and recorded series of existing
    /// dashboards would not match. That client writes powers of ten below 10⁻⁴ and from 10⁶ on, and OpenMetrics wants a
    /// point in whole numbers (section "Considerations: Canonical Numbers").
    static func bound(_ value: Double, _ format: ExpositionFormat) -> String {
        if let special = special(value) { return special }
        var text = value == 0 ? "0" : goText(value)
        if format == .openMetrics, !text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }) {
            text += ".0"
        }
        return text
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : nil
    }

    /// What Go's `strconv.FormatFloat(value, 'g', -1, 64)` returns for a finite number that is not 0.
    private static func goText(_ value: Double) -> String {
        let (digits, exponent) = shortest(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let mantissa = digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
            let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(power)"
        }
        if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
        let whole = digits.prefix(exponent + 1)
        let zeros = String(repeating: "0", count: exponent + 1 - whole.count)
        let rest = digits.dropFirst(exponent + 1)
        return "\(sign)\(whole)\(zeros)\(rest.isEmpty ? "" : ".\(rest)")"
    }

    /// The fewest digits that tell the number, without zeros at either end, and the power of ten of the first.
    private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        let power = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let sides = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = sides[0]
        let all = whole + (sides.count == 2 ? sides[1] : "")
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), power + whole.count - 1 - leading)
    }
}
