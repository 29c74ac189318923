import Foundation

/// The figures of `vigil verify` beside `notation verify`, as a person reads them.
struct VerifyReport: Sendable {
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
        var budgets: [Budget] = [
            .ratio("one image, wall time", one.vigil.wall.median / one.notation.wall.median, atMost: 1),
            .ratio("one image, CPU time", one.vigil.cpu.median / one.notation.cpu.median, atMost: 1),
        ]
        if let own = one.vigil.memory, let other = one.notation.memory {
            budgets.append(.ratio("one image, peak memory", own.median / other.median, atMost: 1))
        }
        let many = many.notation.wall.median / many.vigil.wall.median
        budgets.append(.speedUp("\(imageCount) images, wall time", many, atLeast: 10))
        return budgets
    }

    private func section(_ title: String, _ comparison: Comparison, notation: String) -> String {
        var rows = [[title, "min", "median", "max"]]
        for (name, measurement) in [("vigil verify", comparison.vigil), (notation, comparison.notation)] {
            rows.append(row("\(name): wall", measurement.wall, "ms"))
            rows.append(row("\(name): CPU", measurement.cpu, "ms"))
            if let memory = measurement.memory { rows.append(row("\(name): peak memory", memory, "MiB")) }
        }
        return FigureTable.text(rows)
    }

    private var budgetTable: String { Budget.table("Budget", budgets) }

    private func row(_ name: String, _ series: Series, _ unit: String) -> [String] {
        [name] + [series.minimum, series.median, series.maximum].map { String(format: "%.1f \(unit)", $0) }
    }
}
