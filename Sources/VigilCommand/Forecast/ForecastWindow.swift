import TrustResources

/// How far ahead a forecast looks: whole days, and parts of a day as elsewhere, such as `30d`, `36h` or `1d12h`.
struct ForecastWindow: Sendable, Hashable {
    /// The length.
    let duration: Duration

    /// What is allowed.
    static let days = 1...3650

    /// Reads what a person wrote.
    ///
    /// - Throws: ``InputError`` with what to write instead.
    init(_ text: String) throws(InputError) {
        let advice = "write days or hours, such as 30d or 36h, 3650d at most"
        var rest = Substring(text)
        var total = Duration.zero
        if let mark = rest.firstIndex(of: "d") {
            let digits = rest[..<mark]
            guard !digits.isEmpty, digits.utf8.count <= 4, digits.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int64(digits)
            else { throw InputError("--within: \"\(text.prefix(40))\" is no time; \(advice)") }
            total = .seconds(number * 86_400)
            rest = rest[rest.index(after: mark)...]
        }
        if !rest.isEmpty || total == .zero {
            do throws(DurationText.Defect) {
                total += try DurationText.parse(
                    String(rest),
                    in: .zero ... .seconds(Int64(Self.days.upperBound) * 86_400)
                )
            } catch {
                throw InputError("--within: \"\(text.prefix(40))\" is no time; \(advice)")
            }
        }
        guard total > .zero, total <= .seconds(Int64(Self.days.upperBound) * 86_400) else {
            throw InputError("--within: \"\(text.prefix(40))\" is out of bounds; \(advice)")
        }
        duration = total
    }
}
