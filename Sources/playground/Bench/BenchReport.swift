import Foundation

/// The figures of a run, as a person reads them.
struct BenchReport: Sendable {
    let machine: Machine
    let notationVersion: String
    /// Sizes of the program files.
    let vigilBytes: Int
    let notationBytes: Int
    let imageCount: Int
    let one: Comparison
    let many: Comparison

    var text: String {
        let header = """
            Vigil beside notation \(notationVersion), measured in turns on \(machine).
            vigil is a file of \(vigilBytes >> 20) MiB, notation one of \(notationBytes >> 20) MiB.

            """
        let sections = [
            section("One image, whole process", one, notation: "notation verify"),
            section("\(imageCount) images, each signed", many, notation: "\(imageCount) × notation verify"),
            budgetTable,
        ]
        return ([header] + sections).joined(separator: "\n")
    }

    /// What is promised, and whether it holds.
    var budgets: [Budget] {
        let wall = one.vigil.wall.median / one.notation.wall.median
        let cpu = one.vigil.cpu.median / one.notation.cpu.median
        var budgets = [
            Budget(what: "one image, wall time", ratio: wall, limit: .atMost(1)),
            Budget(what: "one image, CPU time", ratio: cpu, limit: .atMost(1)),
        ]
        if let own = one.vigil.memory, let other = one.notation.memory {
            budgets.append(
                Budget(what: "one image, peak memory", ratio: own.median / other.median, limit: .atMost(1))
            )
        }
        budgets.append(
            Budget(
                what: "\(imageCount) images, wall time",
                ratio: many.notation.wall.median / many.vigil.wall.median,
                limit: .atLeast(10)
            )
        )
        return budgets
    }

    private func section(_ title: String, _ comparison: Comparison, notation: String) -> String {
        var rows = [[title, "min", "median", "max"]]
        for (name, measurement) in [("vigil verify", comparison.vigil), (notation, comparison.notation)] {
            rows.append(row("\(name): wall", measurement.wall, "ms"))
            rows.append(row("\(name): CPU", measurement.cpu, "ms"))
            if let memory = measurement.memory { rows.append(row("\(name): peak memory", memory, "MiB")) }
        }
        return Self.table(rows)
    }

    private var budgetTable: String {
        var rows = [["Budget", "measured", "allowed", ""]]
        for budget in budgets {
            rows.append([budget.what, budget.measured, budget.allowed, budget.isMet ? "met" : "NOT MET"])
        }
        return Self.table(rows)
    }

    private func row(_ name: String, _ series: Series, _ unit: String) -> [String] {
        [name] + [series.minimum, series.median, series.maximum].map { String(format: "%.1f \(unit)", $0) }
    }

    /// Columns side by side: the first to the left, figures to the right.
    private static func table(_ rows: [[String]]) -> String {
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

/// A promise about Vigil in relation to the reference tool.
struct Budget: Sendable {
    enum Limit: Sendable {
        /// Vigil needs at most so much of what the reference needs.
        case atMost(Double)
        /// Vigil is at least so many times faster.
        case atLeast(Double)
    }

    let what: String
    let ratio: Double
    let limit: Limit

    var isMet: Bool {
        switch limit {
        case .atMost(let most): ratio <= most
        case .atLeast(let least): ratio >= least
        }
    }

    var measured: String {
        switch limit {
        case .atMost: String(format: "%.2f × notation", ratio)
        case .atLeast: String(format: "%.1f × faster", ratio)
        }
    }

    var allowed: String {
        switch limit {
        case .atMost(let most): String(format: "≤ %.2f ×", most)
        case .atLeast(let least): String(format: "≥ %.0f ×", least)
        }
    }
}
