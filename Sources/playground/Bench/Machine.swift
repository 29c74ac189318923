import Foundation

/// What the figures of a run depend on.
struct Machine: Sendable, CustomStringConvertible {
    /// Processors that this process may use.
    let cores = ProcessInfo.processInfo.activeProcessorCount
    /// How many processes wanted to run in the last minute, on average.
    let load: Double

    init() {
        var averages = [0.0]
        load = getloadavg(&averages, 1) == 1 ? averages[0] : 0
    }

    /// Whether something else competes for the processors.
    ///
    /// Making the images ready counts for about one process itself.
    var isBusy: Bool { load > Double(cores) }

    /// The load alone.
    var shortLoad: String { String(format: "%.1f", load) }

    var description: String { "\(cores) cores, load \(String(format: "%.1f", load))" }
}
