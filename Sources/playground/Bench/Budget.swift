import Foundation

/// A figure of a run, beside what is promised about it.
struct Budget: Sendable {
    /// Why there is a figure about which nothing is promised; printed in the place of its budget.
    enum Purpose: String, Sendable {
        /// What the machine and the server take by themselves, which other figures are compared with.
        case floor = "(floor)"
        /// A part of the figure above it, which has the budget.
        case part = "(part)"
        /// Explains the figures that have one.
        case shown = "(shown)"
    }

    /// What was measured.
    let what: String
    let measured: String
    /// The budget, or the purpose of a figure that has none.
    var allowed = Purpose.shown.rawValue
    /// `nil` where nothing is promised.
    var isMet: Bool?

    /// The same figure with a purpose of its own; one that has a budget stays as it is.
    func shown(as purpose: Purpose) -> Budget {
        guard isMet == nil else { return self }
        var figure = self
        figure.allowed = purpose.rawValue
        return figure
    }

    /// A promise in relation to the reference tool: at most so much of what that needs.
    static func ratio(_ what: String, _ ratio: Double, atMost most: Double) -> Budget {
        Budget(
            what: what,
            measured: String(format: "%.2f × notation", ratio),
            allowed: String(format: "≤ %.2f ×", most),
            isMet: ratio <= most
        )
    }

    /// A promise in relation to the reference tool: at least so many times faster.
    static func speedUp(_ what: String, _ ratio: Double, atLeast least: Double) -> Budget {
        Budget(
            what: what,
            measured: String(format: "%.1f × faster", ratio),
            allowed: String(format: "≥ %.0f ×", least),
            isMet: ratio >= least
        )
    }

    /// A promise about a quantity.
    ///
    /// - Parameters:
    ///   - what: what was measured.
    ///   - value: the figure.
    ///   - unit: its unit.
    ///   - most: the most that is allowed; `nil` where nothing is promised.
    ///   - digits: how many digits behind the point are shown.
    /// - Returns: the figure beside its budget. What is no number meets none.
    static func quantity(
        _ what: String,
        _ value: Double,
        _ unit: String,
        atMost most: Double? = nil,
        digits: Int = 2
    ) -> Budget {
        // The unit may hold a percent sign, which a format must not see.
        func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) + " \(unit)" }
        let measured = text(value, digits)
        guard let most else { return Budget(what: what, measured: measured) }
        let allowed = "≤ " + text(most, most == most.rounded() ? 0 : digits)
        return Budget(what: what, measured: measured, allowed: allowed, isMet: value <= most)
    }

    /// A number of things of which there may be at most `most`.
    static func count(_ what: String, _ value: Int, atMost most: Int? = nil) -> Budget {
        Budget(
            what: what,
            measured: String(value),
            allowed: most.map { $0 == 0 ? "none" : "≤ \($0)" } ?? Purpose.shown.rawValue,
            isMet: most.map { value <= $0 }
        )
    }

    /// Several figures, under the words of `heading`.
    static func table(_ heading: String, _ budgets: [Budget]) -> String {
        var rows = [[heading, "measured", "allowed", ""]]
        for budget in budgets {
            let judgement = budget.isMet.map { $0 ? "met" : "NOT MET" } ?? ""
            rows.append([budget.what, budget.measured, budget.allowed, judgement])
        }
        return FigureTable.text(rows)
    }
}

/// Columns side by side: the first to the left, figures to the right.
enum FigureTable {
    static func text(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            return cells.joined(separator: "   ") + "\n"
        }.joined()
    }
}
